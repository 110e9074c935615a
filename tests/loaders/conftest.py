"""A cache over a Canvas that a test plays itself, and the clock of both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loaders.cache import FactCache
from tests.loaders.facts import Upstream, cache
from tests.support.house import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def facts(database: str, clock: Clock) -> AsyncIterator[FactCache]:
    async with cache(clock) as opened:
        yield opened
