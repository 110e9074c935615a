"""Reading ahead: enabled providers at start, and again shortly before what people ask for goes stale (D-05)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from db.failures import UNANSWERED
from db.queries import providers
from domain.enums import SourceState
from domain.refs import CanvasClassRef
from domain.scope import SYSTEM
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES
from services.operation import Engine
from services.rosters import read_rosters

log = structlog.get_logger()
ASKED_WITHIN = timedelta(hours=1)
POLL_SECONDS = 0.05


async def warm_up(engine: Engine) -> None:
    """Read the courses and rosters of every enabled provider into the cache; those that fail, fail alone."""
    loaders = Loaders(SYSTEM, engine.facts, engine.clock)
    numbers = [row.id for row in await providers.enabled_providers(SYSTEM)]
    await asyncio.gather(*(_warm(loaders, number) for number in numbers))


async def known(engine: Engine, seconds: float) -> bool:
    """Wait until every enabled provider's courses were read or refused; False where that takes longer."""
    numbers = [row.id for row in await providers.enabled_providers(SYSTEM)]
    try:
        async with asyncio.timeout(seconds):
            while not all([await _is_known(engine, number) for number in numbers]):  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return False
    return True


async def _is_known(engine: Engine, provider: int) -> bool:
    readings = await engine.facts.read(COURSES, provider, [ACCOUNT], wait=False)
    return readings[ACCOUNT].freshness.state is not SourceState.LOADING


async def _warm(loaders: Loaders, provider: int) -> None:
    await loaders.facts.read(COURSES, provider, [ACCOUNT])
    listed = loaders.facts.peek(COURSES, provider, [ACCOUNT])[ACCOUNT]
    courses = listed.value.courses if listed.value else ()
    await read_rosters(loaders, [CanvasClassRef(provider, course.id) for course in courses if course.published])


async def keep_warm(engine: Engine) -> None:
    """Refresh, until cancelled, what was asked for within the hour and is in the last fifth of its freshness."""
    fresh = engine.facts.lifetimes.fresh.total_seconds()
    while True:
        await asyncio.sleep(max(fresh / 10, 0.05))
        try:
            await _refresh(engine, fresh / 5)
        except UNANSWERED:
            log.warning("warm_up.failed")


async def _refresh(engine: Engine, within: float) -> None:
    enabled = {row.id for row in await providers.enabled_providers(SYSTEM)}
    for kind, provider in engine.facts.asked_since(engine.clock() - ASKED_WITHIN):
        aging = engine.facts.aging(kind, provider, within)
        if aging and provider in enabled:
            await engine.facts.refresh(kind, provider, aging)
