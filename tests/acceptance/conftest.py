from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.house import House
from tests.support.house import house as open_house


@pytest.fixture
async def house(database: str, redis: str | None) -> AsyncIterator[House]:
    """A homeroom that waits for cold facts as long as this machine needs, so that bills are whole."""
    async with open_house(redis, cold_wait_seconds=60) as opened:
        yield opened
