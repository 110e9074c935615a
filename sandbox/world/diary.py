"""Calendar events: single ones, series as rows, and section events under a hidden parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sandbox.world import rows as r
from sandbox.world.recurrence import occurrences, read_rule
from sandbox.world.teams import Teams
from sandbox.world.times import at, local, midnight, stamp


class Diary(Teams):
    """Adding and removing calendar events."""

    def add_event(
        self,
        context_code: str,
        title: str,
        start_at: datetime | str | None = None,
        end_at: datetime | str | None = None,
        *,
        id: int | None = None,
        description: str | None = None,
        location_name: str | None = None,
        location_address: str | None = None,
        parent_id: int | None = None,
        blackout_date: bool = False,
    ) -> r.Event:
        """Add one event; without an end it is a point, without a start it is undated."""
        now, start = self.now(), stamp(start_at)
        row = r.Event(
            id=self.fresh_id("event", id),
            title=title,
            context_code=context_code,
            start_at=start,
            end_at=max(start, stamp(end_at) or start) if start else None,
            created_at=now,
            updated_at=now,
            description=description,
            location_name=location_name,
            location_address=location_address,
            parent_id=parent_id,
            blackout_date=blackout_date,
        )
        self.events[row.id] = row
        self.events_of_context[context_code].append(row)
        if parent_id is not None:
            self.children_of_event[parent_id].append(row)
        return row

    def add_all_day(self, context_code: str, title: str, day: date, *, id: int | None = None) -> r.Event:
        """Add an all-day event: local midnight of the context's zone."""
        start = midnight(day, self.zone_of(context_code))
        row = self.add_event(context_code, title, start, start, id=id)
        row.all_day, row.all_day_date = True, day.isoformat()
        return row

    def add_series(
        self,
        context_code: str,
        title: str,
        start_at: datetime | str,
        end_at: datetime | str,
        rrule: str,
        *,
        location_name: str | None = None,
        description: str | None = None,
    ) -> list[r.Event]:
        """Add every occurrence as a row of its own, on the wall clock of the context's zone."""
        rule, zone = read_rule(rrule), self.zone_of(context_code)
        head, length = local(at(start_at), zone), local(at(end_at), zone) - local(at(start_at), zone)
        rows = [
            self.add_event(
                context_code, title, moment, moment + length, location_name=location_name, description=description
            )
            for moment in occurrences(rule, head)
        ]
        self.make_series(rows, rrule)
        return rows

    def make_series(self, rows: Sequence[r.Event], rrule: str) -> None:
        """Bind rows into one series whose head is the first."""
        key = str(UUID(int=rows[0].id << 64 | len(self.events_of_series) + 1, version=4))
        for row in rows:
            if row.series_uuid:
                self.events_of_series[row.series_uuid].remove(row)
            row.series_uuid, row.rrule, row.series_head = key, rrule, row is rows[0]
        self.events_of_series[key] = list(rows)

    def add_section_events(
        self, course_id: int, title: str, times: Mapping[int, tuple[datetime | str, datetime | str]]
    ) -> r.Event:
        """Add a hidden course event with one visible child a section."""
        starts, ends = [at(a) for a, _ in times.values()], [at(b) for _, b in times.values()]
        parent = self.add_event(f"course_{course_id}", title, min(starts), max(ends))
        for section_id, (start, end) in times.items():
            name = self.sections[section_id].name
            self.add_event(f"course_section_{section_id}", f"{title} ({name})", start, end, parent_id=parent.id)
        return parent

    def delete_event(self, event_id: int) -> None:
        """Delete an event softly, with its children."""
        row = self.events[event_id]
        row.state, row.updated_at = r.DELETED, self.now()
        for child in self.children_of_event[event_id]:
            child.state = r.DELETED

    def move_event(self, event_id: int, start_at: datetime | str, end_at: datetime | str) -> None:
        """Give one event other times."""
        row = self.events[event_id]
        row.start_at, row.end_at, row.updated_at = at(start_at), at(end_at), self.now()

    def hidden(self, row: r.Event) -> bool:
        """A parent is hidden while a child of it stands."""
        return any(child.state != r.DELETED for child in self.children_of_event.get(row.id, ()))

    def course_of(self, context_code: str) -> r.Course | None:
        """The course a `course_N` or `course_section_N` code lies in."""
        kind, _, number = context_code.rpartition("_")
        if not number.isdigit():
            return None
        if kind == "course_section":
            section = self.sections.get(int(number))
            return self.courses[section.course_id] if section else None
        return self.courses.get(int(number)) if kind == "course" else None

    def zone_of(self, context_code: str) -> str:
        """The zone an event is shown in."""
        course = self.course_of(context_code)
        return course.time_zone if course else "America/Chicago"
