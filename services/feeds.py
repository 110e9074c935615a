"""Calendars at an address of their own, for programs that cannot send a token: signed, and revocable."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tortoise.expressions import Q

from db.models import CalendarFeed
from db.queries import feeds
from db.queries.facilities import facilities_by_ids
from db.queries.users import users_by_ids
from db.transactions import lock
from domain import events as rows
from domain.enums import Role, SourceState
from domain.filters import CalendarFilter
from domain.problems import InvalidInput, NotAllowed, NotFound
from domain.refs import CalendarFeedRef
from domain.scope import SYSTEM, Scope
from services import audit
from services.access import require_facility, scope_of
from services.calendar import calendar
from services.days import Days
from services.ics import ics
from services.operation import Engine, Operation, begin
from services.writing import writing

BACK, AHEAD = timedelta(days=28), timedelta(days=120)
UNREAD = frozenset({SourceState.LOADING, SourceState.FAILED})


async def create_feed(op: Operation, user_id: int | None, facility_id: int | None) -> CalendarFeedRef:
    """A feed of one person, or of one facility.

    Errors: InvalidInput for both or neither; NotAllowed for a student's request for anything but their own calendar;
            NotFound out of scope.
    """
    if (user_id is None) == (facility_id is None):
        raise InvalidInput("Name either a person or a facility.", ["userId"])
    await _published(op.scope, user_id, facility_id)
    async with writing(op):
        row = await CalendarFeed.create(
            user_id=user_id, facility_id=facility_id, nonce=secrets.token_urlsafe(32), created_by_id=op.scope.user_id
        )
        ref = CalendarFeedRef(row.id)
        whose = {"user_id": user_id, "facility_id": facility_id}
        await audit.record(op, "createCalendarFeed", ref, facility_id or op.scope.facility_id, None, whose)
    return ref


async def _published(scope: Scope, user_id: int | None, facility_id: int | None) -> str:
    """The name of a calendar that may be published in that scope. Errors: NotAllowed; NotFound."""
    if scope.is_student and user_id != scope.user_id:
        raise NotAllowed("You may only publish your own calendar.", ["userId"])
    if facility_id is not None:
        require_facility(scope, facility_id, "facilityId")
        for facility in await facilities_by_ids([facility_id]):
            return facility.name
        raise NotFound("There is no such facility.", ["facilityId"])
    for person in await users_by_ids(scope, [user_id or 0]):
        if person.deactivated_at is None:
            return person.full_name
    raise NotFound("There is no such person.", ["userId"])


async def revoke_feed(op: Operation, ref: CalendarFeedRef) -> CalendarFeedRef:
    """End a feed: its address answers nothing from now on. One that is revoked already stays so.

    Errors: NotFound out of scope.
    """
    (found,) = await feeds_by_ids(op, [ref.id])
    if found is None:
        raise NotFound("There is no such calendar feed.", ["id"])
    async with writing(op):
        row = await lock(CalendarFeed.filter(id=ref.id)).first()
        if row is not None and row.revoked_at is None:
            row.revoked_at = op.now()
            await row.save(update_fields=["revoked_at"])
            await audit.record(op, "revokeCalendarFeed", ref, row.facility_id or op.scope.facility_id, None, None)
    return ref


async def end_feeds(op: Operation, user_ids: Collection[int]) -> int:
    """Revoke the feeds of people who moved to another facility, and all that they made.

    Shape: how many there were; inside the caller's transaction.
    """
    known = Q(user_id__in=list(user_ids)) | Q(created_by_id__in=list(user_ids))
    return await CalendarFeed.filter(known, revoked_at=None).update(revoked_at=op.now())


async def end_feeds_for_others(op: Operation, user_id: int) -> int:
    """Revoke what somebody published of others, because they may no longer see it. Shape: as `end_feeds`."""
    others = Q(user_id=None) | ~Q(user_id=user_id)
    return await CalendarFeed.filter(others, created_by_id=user_id, revoked_at=None).update(revoked_at=op.now())


async def list_feeds(op: Operation) -> list[rows.CalendarFeed]:
    """Those in scope that are not revoked, oldest first."""
    return await feeds.live_feeds(op.scope)


async def feeds_by_ids(op: Operation, ids: Sequence[int]) -> list[rows.CalendarFeed | None]:
    """One answer per id, revoked ones too; None out of scope."""
    found = {row.id: row for row in await feeds.feeds_by_ids(op.scope, ids)}
    return [found.get(id) for id in ids]


def path_of(op: Operation, feed: rows.CalendarFeed) -> str:
    """Its address on this server."""
    return f"/calendar/{feed.id}.{op.engine.canvases.keyring.sign(_signed(feed))}.ics"


def _signed(feed: rows.CalendarFeed) -> str:
    return f"calendar feed {feed.id} {feed.nonce}"


@dataclass(frozen=True, slots=True)
class File:
    """What a feed's address answers. `complete`: no Canvas is still being fetched, or away; a course that a Canvas refuses
    for good is missing from a complete one.
    """

    content: bytes
    complete: bool


async def read_feed(engine: Engine, token: str) -> File | None:
    """The file of an address; None for one that was never ours, was revoked, or shows what its maker may not publish now.

    Shape: what its maker sees of that calendar now: four weeks back, four months ahead.
    """
    feed = await _signed_feed(engine, token)
    found = await _view(feed) if feed is not None else None
    if feed is None or found is None:
        return None
    scope, name = found
    loaders = begin(engine, scope).loaders
    today = engine.clock().date()
    days = Days(today - BACK, today + AHEAD)
    timeline = await calendar(loaders, days, CalendarFilter(facility_id=feed.facility_id, user_id=feed.user_id))
    complete = not any(source.freshness.state in UNREAD for source in timeline.sources)
    return File(ics(name, timeline.events, days, engine.clock()), complete)


async def _signed_feed(engine: Engine, token: str) -> rows.CalendarFeed | None:
    id, _, signature = token.partition(".")
    found = await feeds.feeds_by_ids(SYSTEM, [int(id)]) if id.isdecimal() and len(id) < 10 else []
    live = [feed for feed in found if feed.revoked_at is None]
    return next((feed for feed in live if engine.canvases.keyring.is_signed(_signed(feed), signature)), None)


async def _view(feed: rows.CalendarFeed) -> tuple[Scope, str] | None:
    """The scope of whoever made the feed, as it is now, and its name; None where they might not make it any more.

    Quirk:  a facility's calendar is what an admin of that facility sees, whoever made the feed.
    """
    maker = next(iter(await users_by_ids(SYSTEM, [feed.created_by_id or 0])), None)
    if maker is None or maker.deactivated_at is not None:
        return None
    scope = scope_of(maker)
    try:
        name = await _published(scope, feed.user_id, feed.facility_id)
    except (NotAllowed, NotFound):
        return None
    return scope if feed.facility_id is None else Scope(Role.FACILITY_ADMIN, None, feed.facility_id), name
