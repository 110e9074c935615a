"""Calendars at an address of their own, for programs that cannot send a token: signed, and revocable."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.models import CalendarFeed
from db.queries import feeds
from db.queries.facilities import facilities_by_ids
from db.queries.users import users_by_ids
from db.transactions import lock
from domain import events as rows
from domain.enums import Role
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


async def create_feed(op: Operation, user_id: int | None, facility_id: int | None) -> CalendarFeedRef:
    """A feed of one person, or of one facility.

    Errors: InvalidInput for both or neither; NotAllowed for a student's request for anything but their own calendar;
            NotFound out of scope.
    """
    if (user_id is None) == (facility_id is None):
        raise InvalidInput("Name either a person or a facility.", ["userId"])
    if op.scope.is_student and user_id != op.scope.user_id:
        raise NotAllowed("You may only publish your own calendar.", ["userId"])
    if facility_id is not None:
        require_facility(op.scope, facility_id, "facilityId")
        if not await facilities_by_ids([facility_id]):
            raise NotFound("There is no such facility.", ["facilityId"])
    elif not [row for row in await users_by_ids(op.scope, [user_id or 0]) if row.deactivated_at is None]:
        raise NotFound("There is no such person.", ["userId"])
    async with writing(op):
        row = await CalendarFeed.create(
            user_id=user_id, facility_id=facility_id, nonce=secrets.token_urlsafe(32), created_by_id=op.scope.user_id
        )
        ref = CalendarFeedRef(row.id)
        whose = {"user_id": user_id, "facility_id": facility_id}
        await audit.record(op, "createCalendarFeed", ref, facility_id or op.scope.facility_id, None, whose)
    return ref


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
    """Revoke the feeds of people who moved to another facility: the admins of the former one know their addresses.

    Shape: how many there were; inside the caller's transaction.
    """
    return await CalendarFeed.filter(user_id__in=list(user_ids), revoked_at=None).update(revoked_at=op.now())


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
    """What a feed's address answers. `complete`: nothing of it is still being fetched."""

    content: bytes
    complete: bool


async def read_feed(engine: Engine, token: str) -> File | None:
    """The file of an address; None for one that was never ours or was revoked, and where its person is deactivated.

    Shape: as its person, or an admin of its facility, sees that calendar now: four weeks back, four months ahead.
    """
    id, _, signature = token.partition(".")
    feed = next(iter(await feeds.feeds_by_ids(SYSTEM, [int(id)])), None) if id.isdecimal() and len(id) < 10 else None
    if feed is None or feed.revoked_at is not None:
        return None
    if not engine.canvases.keyring.is_signed(_signed(feed), signature):
        return None
    found = await _view(feed)
    if found is None:
        return None
    scope, name = found
    loaders = begin(engine, scope).loaders
    today = engine.clock().date()
    days = Days(today - BACK, today + AHEAD)
    timeline = await calendar(loaders, days, CalendarFilter(facility_id=feed.facility_id, user_id=feed.user_id))
    complete = all(source.expected == source.loaded for source in timeline.sources)
    return File(ics(name, timeline.events, days, engine.clock()), complete)


async def _view(feed: rows.CalendarFeed) -> tuple[Scope, str] | None:
    if feed.facility_id is not None:
        facility = (await facilities_by_ids([feed.facility_id]))[0]
        return Scope(Role.FACILITY_ADMIN, None, facility.id), facility.name
    (person,) = await users_by_ids(SYSTEM, [feed.user_id or 0])
    return None if person.deactivated_at else (scope_of(person), person.full_name)
