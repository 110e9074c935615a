"""Scheduling, changing and deleting series of class events."""

from __future__ import annotations

from datetime import UTC, timedelta

from db.models import ClassEvent, EventOverride, Facility
from domain.enums import EventSpan
from domain.problems import Conflict, InvalidInput
from domain.refs import ClassRef, NativeClassRef, NativeEventRef
from services import audit
from services.class_changes import locked_class
from services.event_fields import EventFields, columns, kept, people_and_place, series_from
from services.event_rows import Held, held, require_no_attendance, series_of
from services.operation import Operation
from services.series import Series, count_before, ended_before, expand, find, plan
from services.writing import writing


async def schedule_event(op: Operation, school_class: ClassRef, fields: EventFields) -> NativeEventRef:
    """A new session, or series of sessions, of a class; the answer is its first occurrence.

    Errors: NotAllowed for students and for another facility's class; ReadOnly for Canvas; NotFound; InvalidInput.
    """
    if "starts_at" not in fields or "duration" not in fields:
        raise InvalidInput("A session needs a start and a duration.", ["startsAt"])
    async with writing(op):
        row = await locked_class(op, school_class, "classId")
        facility = await Facility.get(id=row.facility_id)
        series = series_from(fields, fields["starts_at"], facility.time_zone, fields["duration"], None)
        values = {**columns(series), **await people_and_place(op, fields, row.facility_id)}
        event = await ClassEvent.create(school_class_id=row.id, **values)
        ref = first_of(event)
        after = audit.changes({}, kept(event) | {"class_id": row.id})[1]
        await audit.record(op, "scheduleClassEvent", NativeClassRef(row.id), row.facility_id, None, after)
    return ref


async def update_event(op: Operation, ref: NativeEventRef, span: EventSpan, fields: EventFields) -> NativeEventRef:
    """Change a series, or what follows an occurrence of it, which becomes a series of its own.

    Shape:  the ref of the occurrence as it is named now; of the first one where another rule or start renamed them all.
    Errors: as `schedule_event`; Conflict where times would change for which attendance is recorded.
    """
    async with writing(op):
        of = await held(op, ref)
        before = kept(of.row)
        if span is EventSpan.FOLLOWING and of.occurrence.starts_at > of.row.starts_at:
            row = await _split(of, fields)
        else:
            row = await _rewrite(of, fields)
        row.update_from_dict(await people_and_place(op, fields, of.school_class.facility_id))
        await row.save()
        changed, after = audit.changes(before, kept(row))
        if after:
            school_class = NativeClassRef(of.school_class.id)
            await audit.record(op, "updateClassEvent", school_class, of.school_class.facility_id, changed, after)
    return _named_now(row, ref)


async def delete_event(op: Operation, ref: NativeEventRef, span: EventSpan) -> NativeClassRef:
    """Delete a series, or an occurrence and all that follow it; the answer is its class.

    Errors: as `schedule_event`; Conflict where attendance is recorded for what would go.
    """
    async with writing(op):
        of = await held(op, ref)
        cut = ended_before(of.series, of.occurrence) if span is EventSpan.FOLLOWING else None
        if cut is None:
            await require_no_attendance(of.row.id, None)
            await EventOverride.filter(event_id=of.row.id).delete()
            await of.row.delete()
        else:
            await _cut(of)
        school_class = NativeClassRef(of.school_class.id)
        before = audit.changes({}, kept(of.row) | {"from": of.occurrence.key})[1]
        await audit.record(op, "deleteClassEvent", school_class, of.school_class.facility_id, before, None)
    return school_class


async def _rewrite(of: Held, fields: EventFields) -> ClassEvent:
    """The whole series with other fields. Overrides of occurrences that there are no longer go."""
    row, old = of.row, of.series
    shifted = _shifted(of, fields)
    series = series_from(shifted, old.starts_at, row.time_zone, old.length, old.rule)
    _require_on_rule(shifted, series)
    if (series.starts_at, series.zone, series.rule) != (old.starts_at, old.zone, old.rule):
        await require_no_attendance(row.id, None)
        await EventOverride.filter(event_id=row.id).delete()
    row.update_from_dict(columns(series))
    return row


async def _split(of: Held, fields: EventFields) -> ClassEvent:
    """A new series from the occurrence on, and the old one up to it."""
    row, old = of.row, of.series
    rule = _rest_of_rule(of)
    series = series_from(fields, of.occurrence.starts_at, row.time_zone, old.length, rule)
    _require_on_rule(fields, series)
    same = plan(of.occurrence.starts_at, old.zone, old.length, rule)
    renamed = (series.starts_at, series.zone, series.rule) != (same.starts_at, same.zone, same.rule)
    await require_no_attendance(row.id, of.occurrence.key)
    follower = await ClassEvent.create(
        school_class_id=row.school_class_id,
        title=row.title,
        room_id=row.room_id,
        instructor_id=row.instructor_id,
        **columns(series),
    )
    later = EventOverride.filter(event_id=row.id, occurrence__gte=of.occurrence.key)
    await (later.delete() if renamed else later.update(event_id=follower.id))
    await _cut(of)
    return follower


async def _cut(of: Held) -> None:
    """End the old series before the occurrence."""
    cut = ended_before(of.series, of.occurrence)
    if cut is None:
        raise Conflict("There is nothing before this session.", ["id"])
    await require_no_attendance(of.row.id, of.occurrence.key)
    await EventOverride.filter(event_id=of.row.id, occurrence__gte=of.occurrence.key).delete()
    of.row.update_from_dict(columns(cut))
    await of.row.save()


def _rest_of_rule(of: Held) -> str | None:
    """The rule of what follows: a COUNT less those before."""
    rule = of.series.rule
    if rule is None or "COUNT=" not in rule:
        return rule
    head, _, count = rule.rpartition("COUNT=")
    return f"{head}COUNT={int(count) - count_before(of.series, of.occurrence)}"


def _require_on_rule(fields: EventFields, series: Series) -> None:
    """Raise InvalidInput for a new start on which the rule that was there does not fall: it would move on to another day."""
    if "starts_at" not in fields or "recurrence_rule" in fields:
        return
    if fields["starts_at"].replace(microsecond=0) != series.starts_at:
        raise InvalidInput("Its rule gives no session then. Give the rule that it is to follow, too.", ["startsAt"])


def _shifted(of: Held, fields: EventFields) -> EventFields:
    """A new start given for an occurrence in the middle moves the whole series by as much on the wall clock."""
    if "starts_at" not in fields or of.occurrence.starts_at == of.series.starts_at:
        return fields
    zone = of.series.zone
    moved, was = (at.astimezone(zone).replace(tzinfo=None) for at in (fields["starts_at"], of.occurrence.starts_at))
    first = of.series.starts_at.astimezone(zone).replace(tzinfo=None) + (moved - was)
    return {**fields, "starts_at": first.replace(tzinfo=zone).astimezone(UTC)}


def _named_now(row: ClassEvent, ref: NativeEventRef) -> NativeEventRef:
    return ref if row.id == ref.event and find(series_of(row), ref.original.occurrence) else first_of(row)


def first_of(row: ClassEvent) -> NativeEventRef:
    """The first occurrence of an event."""
    series = series_of(row)
    found = next(expand(series, series.starts_at, series.starts_at + timedelta(days=1)))
    return NativeEventRef(row.id, found.key)
