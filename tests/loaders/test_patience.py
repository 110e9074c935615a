"""A cold answer waits so long in all, however many things it reads one after the other (D-05)."""

from __future__ import annotations

import math
import time

import pytest

from domain.enums import SourceState
from domain.footprint import Footprint, step_into
from tests.loaders.facts import Upstream, cache
from tests.support.house import Clock

CANVAS = 1


@pytest.mark.parametrize(("most_live", "least", "most"), [(50, 0.5, 1), (None, 1.5, math.inf)])
async def test_an_answer_waits_once_and_background_work_each_time(
    database: str, most_live: int | None, least: float, most: float
) -> None:
    upstream = Upstream()
    upstream.open.clear()
    step_into(Footprint(most_live))
    async with cache(Clock(), cold_wait=0.5) as facts:
        began = time.monotonic()
        for id in ("1", "2", "3"):
            reading = (await facts.read(upstream.kind, CANVAS, [id]))[id]
            assert reading.freshness.state is SourceState.LOADING
        assert least <= round(time.monotonic() - began, 2) < most
