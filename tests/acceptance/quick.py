"""A homeroom whose pauses before a retry take no time, and whose log is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
import structlog

from canvas.pool import PoolSettings
from canvas.retry import Timing
from tests.support.house import House
from tests.support.house import house as open_house


class Pauses:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    def timing(self) -> Timing:
        return Timing(clock=lambda: self.now, sleep=self.sleep, uniform=lambda _, most: most)


@asynccontextmanager
async def quick_house(
    patch: pytest.MonkeyPatch, *, attempt_seconds: float = 5.0, **settings: Any
) -> AsyncIterator[House]:
    """`attempt_seconds`: how long one attempt may take, in real seconds."""
    import services.engine

    usual = services.engine._pool_settings

    def impatient(chosen: Any) -> PoolSettings:
        return replace(usual(chosen), timeout=attempt_seconds, graphql_timeout=attempt_seconds)

    patch.setattr("services.engine._pool_settings", impatient)
    patch.setattr("canvas.pool.Timing", Pauses().timing)
    async with open_house(**settings) as opened:
        yield opened


@contextmanager
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The text of every entry of both kinds of log, at every level, filled when the block ends.

    Not the statements and their values that the database's libraries note at DEBUG: no setting of ours writes those.
    """
    lines: list[str] = []
    with ExitStack() as stack:
        stack.enter_context(caplog.at_level(logging.DEBUG))
        for library in ("tortoise", "aiosqlite"):
            stack.enter_context(caplog.at_level(logging.INFO, library))
        entries = stack.enter_context(structlog.testing.capture_logs())
        yield lines
    lines += [repr(entry) for entry in entries]
    lines += [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
