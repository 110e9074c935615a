"""`node` and `nodes`: how each ref is looked up, and what it becomes. A type that is missing here has no way in by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain import refs
from domain.errors import BadIdError
from domain.refs import Ref
from graph.ids import decode
from graph.info import Info
from graph.types.audit import AuditEntry
from graph.types.calendar import event_of
from graph.types.classes import class_of
from graph.types.enrollment import Enrollment
from graph.types.facility import Facility
from graph.types.feed import CalendarFeed
from graph.types.match_application import MatchApplication
from graph.types.node import Node
from graph.types.program import program_of
from graph.types.provider import Provider
from graph.types.provider_link import ProviderLink
from graph.types.push_plan import PushPlan
from graph.types.room import Holiday, Room
from graph.types.sync_run import SyncRun
from graph.types.team import Team
from graph.types.user import User
from resolvers import (
    audit,
    calendar,
    classes,
    enrollments,
    facilities,
    feeds,
    links,
    matching,
    programs,
    providers,
    rooms,
    runs,
    teams,
    users,
)

Lookup = Callable[[Info, Sequence[Any]], Awaitable[Sequence[Node | None]]]
LOOKUPS: dict[type[Ref], Lookup] = {}


def lookup(*ref_types: type[Ref]) -> Callable[[Lookup], Lookup]:
    """Register how refs of those types are looked up, many at once, in the viewer's scope."""

    def register(function: Lookup) -> Lookup:
        LOOKUPS.update(dict.fromkeys(ref_types, function))
        return function

    return register


async def nodes_by_ids(info: Info, ids: Sequence[str]) -> list[Node | None]:
    """One answer per id; None for what does not exist for the viewer, and for what is no id."""
    found_refs = [_ref(id) for id in ids]
    groups: defaultdict[Lookup, list[Ref]] = defaultdict(list)
    for ref in dict.fromkeys(ref for ref in found_refs if ref is not None):
        groups[LOOKUPS[type(ref)]].append(ref)
    found: dict[Ref, Node | None] = {}
    for function, wanted in groups.items():
        found |= dict(zip(wanted, await function(info, wanted), strict=True))
    return [found.get(ref) if ref is not None else None for ref in found_refs]


def _ref(id: str) -> Ref | None:
    try:
        return decode(id)
    except BadIdError:
        return None


@lookup(refs.FacilityRef)
async def _facilities(info: Info, wanted: Sequence[refs.FacilityRef]) -> list[Node | None]:
    rows = await facilities.facilities_in_scope_by_ids(info.context, [ref.id for ref in wanted])
    found = {row.ref: Facility.of(row) for row in rows}
    return [found.get(ref) for ref in wanted]


@lookup(refs.UserRef)
async def _users(info: Info, wanted: Sequence[refs.UserRef]) -> list[Node | None]:
    rows = await users.users_by_ids(info.context, [ref.id for ref in wanted])
    return [User.of(row) if row else None for row in rows]


@lookup(refs.ProviderRef)
async def _providers(info: Info, wanted: Sequence[refs.ProviderRef]) -> list[Node | None]:
    rows = await providers.providers_by_number(info.context, [ref.id for ref in wanted])
    return [Provider.of(row, info) if row else None for row in rows]


@lookup(refs.ProviderLinkRef)
async def _links(info: Info, wanted: Sequence[refs.ProviderLinkRef]) -> list[Node | None]:
    rows = await links.links_by_ids(info.context, [ref.id for ref in wanted])
    return [ProviderLink.of(row) if row else None for row in rows]


@lookup(refs.MatchApplicationRef)
async def _match_applications(info: Info, wanted: Sequence[refs.MatchApplicationRef]) -> list[Node | None]:
    rows = await matching.applications_by_ids(info.context, [ref.id for ref in wanted])
    return [MatchApplication.of(row) if row else None for row in rows]


@lookup(refs.NativeProgramRef, refs.CanvasProgramRef)
async def _programs(info: Info, wanted: Sequence[refs.ProgramRef]) -> list[Node | None]:
    rows = await programs.programs_by_refs(info.context, wanted)
    return [program_of(row) if row else None for row in rows]


@lookup(refs.NativeClassRef, refs.CanvasClassRef)
async def _classes(info: Info, wanted: Sequence[refs.ClassRef]) -> list[Node | None]:
    rows = await classes.classes_by_refs(info.context, wanted)
    return [class_of(row) if row else None for row in rows]


@lookup(refs.NativeEnrollmentRef, refs.CanvasEnrollmentRef)
async def _enrollments(info: Info, wanted: Sequence[refs.EnrollmentRef]) -> list[Node | None]:
    rows = await enrollments.enrollments_by_refs(info.context, wanted)
    return [Enrollment.of(row) if row else None for row in rows]


@lookup(refs.AuditEntryRef)
async def _audit_entries(info: Info, wanted: Sequence[refs.AuditEntryRef]) -> list[Node | None]:
    rows = [await audit.entry(info.context, ref.id) for ref in wanted]
    return [AuditEntry.of(row) if row else None for row in rows]


@lookup(refs.SyncRunRef)
async def _runs(info: Info, wanted: Sequence[refs.SyncRunRef]) -> list[Node | None]:
    rows = await runs.runs_by_ids(info.context, [ref.id for ref in wanted])
    return [SyncRun.of(row) if row else None for row in rows]


@lookup(refs.NativeEventRef, refs.CanvasEventRef)
async def _events(info: Info, wanted: Sequence[refs.EventRef]) -> list[Node | None]:
    rows = await calendar.events_by_refs(info.context, wanted)
    return [event_of(row) if row else None for row in rows]


@lookup(refs.RoomRef)
async def _rooms(info: Info, wanted: Sequence[refs.RoomRef]) -> list[Node | None]:
    rows = await rooms.rooms_in_scope_by_ids(info.context, [ref.id for ref in wanted])
    return [Room.of(row) if row else None for row in rows]


@lookup(refs.HolidayRef)
async def _holidays(info: Info, wanted: Sequence[refs.HolidayRef]) -> list[Node | None]:
    rows = await rooms.holidays_in_scope_by_ids(info.context, [ref.id for ref in wanted])
    return [Holiday.of(row) if row else None for row in rows]


@lookup(refs.TeamRef)
async def _teams(info: Info, wanted: Sequence[refs.TeamRef]) -> list[Node | None]:
    rows = await teams.teams_by_ids(info.context, [ref.id for ref in wanted])
    return [Team.of(row) if row else None for row in rows]


@lookup(refs.PushPlanRef)
async def _plans(info: Info, wanted: Sequence[refs.PushPlanRef]) -> list[Node | None]:
    rows = await teams.plans_by_ids(info.context, [ref.id for ref in wanted])
    return [PushPlan.of(row) if row else None for row in rows]


@lookup(refs.CalendarFeedRef)
async def _calendar_feeds(info: Info, wanted: Sequence[refs.CalendarFeedRef]) -> list[Node | None]:
    rows = await feeds.feeds_by_ids(info.context, [ref.id for ref in wanted])
    return [CalendarFeed.of(row, info) if row else None for row in rows]
