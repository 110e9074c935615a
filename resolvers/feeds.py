from __future__ import annotations

from collections.abc import Sequence

from domain.events import CalendarFeed
from resolvers.context import Context
from services import feeds


async def calendar_feeds(ctx: Context) -> list[CalendarFeed]:
    return await feeds.list_feeds(ctx.op)


async def feeds_by_ids(ctx: Context, ids: Sequence[int]) -> list[CalendarFeed | None]:
    return await feeds.feeds_by_ids(ctx.op, ids)


def path_of(ctx: Context, feed: CalendarFeed) -> str:
    return feeds.path_of(ctx.op, feed)
