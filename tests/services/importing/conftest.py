"""Two facilities with their admins."""

from __future__ import annotations

import pytest

from domain.enums import Role
from tests import factories
from tests.support.house import House
from tests.support.importing import Place


@pytest.fixture
async def place(house: House) -> Place:
    north = await factories.facility(name="North", time_zone="America/Chicago")
    south = await factories.facility(name="South")
    department = await factories.user(role=Role.DEPARTMENT_ADMIN)
    return Place(house, north, south, department, await factories.user(role=Role.FACILITY_ADMIN, facility=north))
