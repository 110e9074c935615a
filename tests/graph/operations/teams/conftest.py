"""The course that most tests of teams start from."""

from __future__ import annotations

import pytest

from tests.support.house import House
from tests.support.school import School, school


@pytest.fixture
async def lab(house: House) -> School:
    """Two groups of one set: Red with 91, 92, 93 and Blue with 94, 95; 96 to 98 in none."""
    made = await school(house)
    made.add_group("Red", [91, 92, 93])
    made.add_group("Blue", [94, 95])
    return made
