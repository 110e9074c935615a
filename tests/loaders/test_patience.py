"""A cold answer waits so long in all, however many things it reads one after the other (D-05)."""

from __future__ import annotations

import time

import pytest

from domain.enums import SourceState
from domain.footprint import Footprint, step_into
from tests.loaders.facts import Upstream, cache
from tests.support.house import Clock

CANVAS = 1


@pytest.mark.parametrize(("most_live", "waits"), [(50, 1), (None, 3)])
async def test_an_answer_waits_once_and_background_work_each_time(
    database: str, most_live: int | None, waits: int
) -> None:
    upstream = Upstream()
    upstream.open.clear()
    step_into(Footprint(most_live))
    async with cache(Clock(), cold_wait=0.3) as facts:
        began = time.monotonic()
        for id in ("1", "2", "3"):
            reading = (await facts.read(upstream.kind, CANVAS, [id]))[id]
            assert reading.freshness.state is SourceState.LOADING
        assert round((time.monotonic() - began) / 0.3) == waits
