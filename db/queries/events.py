"""Native class events of classes in scope, with what became of single occurrences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tortoise.expressions import Q, Subquery

from db.models import ClassEvent, Enrollment, EventOverride, SchoolClass
from db.queries import scoping
from db.queries.fetching import batches, by_ids, rows_of
from domain import events as rows
from domain.enums import EnrollmentStatus
from domain.scope import Scope

IN_CLASS = (EnrollmentStatus.ENROLLED, EnrollmentStatus.COMPLETED)
LONGEST = timedelta(days=2)
"""No session is longer, so that one that was moved is found by its start."""

_COLUMNS = {
    "room_name": "room__name",
    "class_name": "school_class__name",
    "class_status": "school_class__status",
    "class_end": "school_class__end_date",
    "program_id": "school_class__program_id",
    "facility_id": "school_class__facility_id",
}


async def events_between(
    scope: Scope,
    after: datetime,
    before: datetime,
    *,
    class_ids: Collection[int] | None = None,
    facility_id: int | None = None,
    user_id: int | None = None,
) -> list[rows.ClassEvent]:
    """The events that may have an occurrence in [after, before): of those classes, of that facility, of that person's
    classes and of those they teach.
    """
    wanted = _visible(scope, facility_id) & _overlapping(after, before)
    if user_id is not None:
        wanted &= _of_person(user_id)
    if class_ids is None:
        return await rows_of(rows.ClassEvent, ClassEvent.filter(wanted), **_COLUMNS)
    return await by_ids(rows.ClassEvent, ClassEvent.filter(wanted), class_ids, "school_class_id", **_COLUMNS)


async def events_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.ClassEvent]:
    """In no order."""
    return await by_ids(rows.ClassEvent, ClassEvent.filter(_visible(scope)), ids, **_COLUMNS)


async def events_of_classes(scope: Scope, class_ids: Iterable[int], after: datetime) -> list[rows.ClassEvent]:
    """Those that are not over at `after`, oldest first."""
    wanted = _visible(scope) & (Q(ends_at__isnull=True) | Q(ends_at__gt=after))
    found = ClassEvent.filter(wanted).order_by("starts_at", "id")
    return await by_ids(rows.ClassEvent, found, class_ids, "school_class_id", **_COLUMNS)


async def classes_with_events(class_ids: Iterable[int]) -> set[int]:
    """Those of the classes that have a session, past or to come, whoever asks."""
    found: set[int] = set()
    for batch in batches(class_ids):
        held = ClassEvent.filter(school_class_id__in=batch).distinct().values_list("school_class_id")
        found.update(id for (id,) in await held)
    return found


async def events_sharing(
    after: datetime, before: datetime | None, room_ids: Collection[int], instructor_id: int | None
) -> list[rows.ClassEvent]:
    """Events of any class in those rooms or with that instructor that may have an occurrence in the range.

    Callers show of them only what is in the viewer's scope.
    """
    shared = Q(room_id__in=list(room_ids)) | Q(overrides__room_id__in=list(room_ids))
    if instructor_id is not None:
        shared |= Q(instructor_id=instructor_id)
    wanted = shared & Q(school_class__deleted_at=None) & _overlapping(after, before or after)
    return await rows_of(rows.ClassEvent, ClassEvent.filter(wanted).distinct(), **_COLUMNS)


async def overrides_of_events(event_ids: Iterable[int]) -> dict[int, dict[str, rows.Override]]:
    """By event and occurrence; of none: absent."""
    found: defaultdict[int, dict[str, rows.Override]] = defaultdict(dict)
    columns = {"room_name": "room__name"}
    for row in await by_ids(rows.Override, EventOverride.all(), event_ids, "event_id", **columns):
        found[row.event_id][row.occurrence] = row
    return dict(found)


async def people_of_classes(scope: Scope, class_ids: Iterable[int]) -> dict[int, list[tuple[int, datetime | None]]]:
    """ENROLLED people in scope, by class, as (person, since when), by name."""
    people: defaultdict[int, list[tuple[int, datetime | None]]] = defaultdict(list)
    enrolled = Enrollment.filter(scoping.residents(scope, None, "user__"), status=EnrollmentStatus.ENROLLED)
    for batch in batches(class_ids):
        found = enrolled.filter(school_class_id__in=batch).order_by("user__sort_key", "user_id")
        for class_id, user_id, since in await found.values_list("school_class_id", "user_id", "enrolled_at"):
            people[class_id].append((user_id, since))
    return dict(people)


def _visible(scope: Scope, facility_id: int | None = None) -> Q:
    classes = SchoolClass.filter(scoping.classes(scope, facility_id)).values("id")
    return Q(school_class_id__in=Subquery(classes))


def _overlapping(after: datetime, before: datetime) -> Q:
    moved = EventOverride.filter(moved_to__gte=after - LONGEST, moved_to__lt=before).values("event_id")
    in_series = Q(starts_at__lt=before) & (Q(ends_at__isnull=True) | Q(ends_at__gte=after))
    return in_series | Q(id__in=Subquery(moved))


def _of_person(user_id: int) -> Q:
    taken = Enrollment.filter(user_id=user_id, status__in=IN_CLASS).values("school_class_id")
    return Q(school_class_id__in=Subquery(taken)) | Q(instructor_id=user_id)
