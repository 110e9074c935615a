"""Telling subscribers how a provider is, whenever that may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from domain.catalog import SourceStatus
from domain.errors import BadIdError
from loaders.bus import News
from services.operation import Operation, begin
from services.providers import status
from services.viewers import present_scope

QUIET_SECONDS = 0.2
"""News that follow one another more quickly than this are told once."""


async def updates(op: Operation, number: int) -> AsyncIterator[SourceStatus]:
    """The state now, and after each piece of news, judged anew in the scope the viewer has by then.

    Shape:  ends when the provider does not exist for the viewer any more.
    Errors: BadIdError where it does not exist for the viewer at the start.
    """
    moved = asyncio.Event()

    def hear(news: News) -> None:
        if news.topic == "resync" or (news.provider == number and news.topic in ("facts", "expired")):
            moved.set()

    unlisten = op.engine.bus.listen(hear)
    try:
        told: SourceStatus | None = await status(op.loaders, number)
        if told is None:
            raise BadIdError("There is no such provider.")
        yield told
        while await moved.wait():
            await asyncio.sleep(QUIET_SECONDS)
            moved.clear()
            scope = await present_scope(op.scope)
            now = await status(begin(op.engine, scope).loaders, number) if scope else None
            if now is None:
                return
            if _without_wait(now) != _without_wait(told):
                told = now
                yield now
    finally:
        unlisten()


def _without_wait(of: SourceStatus) -> SourceStatus:
    """How a provider is. That it was tried once more in vain is no news: pages would ask again, and try it again."""
    return replace(of, freshness=replace(of.freshness, retry_after=None))
