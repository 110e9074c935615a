"""RFC 5545 recurrence rules, turned into starts on the wall clock of their own zone.

A rule is expanded in local time and only then made into instants, so that an evening class stays in the evening over
every change of the clocks (W-15). A start that the clocks skip is taken with the offset before the gap, one that they
repeat is the first of the two, as RFC 5545 §3.3.5 has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

FIRST_WITHIN = timedelta(days=3_653)
LAST_WITHIN = timedelta(days=10_958)
CYCLE = 400
"""Years after which the calendar repeats itself, weekdays included."""


class RuleError(ValueError):
    """A rule that cannot be used. The message may be shown to whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule taken apart: `text` is all of it but its end, which is `count` or `until`, or there is none.

    `weekdays` are those of BYDAY, Monday 0.
    """

    text: str
    frequency: str
    interval: int
    has_days: bool
    has_months: bool
    weekdays: tuple[int, ...]
    count: int | None
    until: str | None

    def starts(self, first: datetime, near: datetime) -> Iterator[datetime]:
        """The wall-clock starts of the series that began at `first`, from somewhere before `near` on."""
        return iter(self._begun_near(first, near))

    def _begun_near(self, first: datetime, near: datetime) -> rrule:
        """The same series, entered a whole number of intervals later: nothing is counted up from the beginning."""
        rule = cast("rrule", rrulestr(self.text, dtstart=first))
        if self.frequency in {"DAILY", "WEEKLY"}:
            step = self.interval * (7 if self.frequency == "WEEKLY" else 1)
            skipped = ((near - first).days // step - 1) * step
            return rule if skipped <= 0 else rule.replace(dtstart=first + timedelta(days=skipped))
        step = self.interval * (12 if self.frequency == "YEARLY" else 1)
        apart = (near.year - first.year) * 12 + near.month - first.month
        skipped = (apart // step - 1) * step
        if skipped <= 0:
            return rule
        return rule.replace(dtstart=_months_later(first, skipped, self.frequency), **self._taken_from(first))

    def _taken_from(self, first: datetime) -> dict[str, Any]:
        """What the rule leaves unsaid and takes from its first start (RFC 5545 §3.3.10)."""
        if self.has_days:
            return {}
        if self.frequency == "MONTHLY" or self.has_months:
            return {"bymonthday": first.day}
        return {"bymonth": first.month, "bymonthday": first.day}

    def first(self, first: datetime) -> datetime:
        """The first start at or after `first`.

        Quirk:  a rule that never comes true, such as one for February 30th, is looked for to the end of all years: 400 at
                most, because the same calendar is taken as late as it exists.
        Errors: RuleError where there is none within ten years.
        """
        later = (MAXYEAR - first.year) // CYCLE * CYCLE
        found = next(iter(rrulestr(self.text, dtstart=first.replace(year=first.year + later))), None)
        start = found.replace(year=found.year - later) if found else None
        if start is None or start - first > FIRST_WITHIN:
            raise RuleError("This rule gives no session within ten years.")
        return start

    def last(self, first: datetime) -> datetime | None:
        """The start at which its COUNT is reached; None without a COUNT.

        Errors: RuleError where that takes more than thirty years.
        """
        if self.count is None:
            return None
        starts = islice(iter(rrulestr(self.text, dtstart=first)), self.count)
        last = first
        for last in starts:
            if last - first > LAST_WITHIN:
                raise RuleError("This rule goes on for more than thirty years. Leave COUNT out, or use UNTIL.")
        return last


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time: with the offset before a gap, the first of two."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local day begins."""
    return instant(datetime.combine(day, time()), zone)


def _months_later(first: datetime, months: int, frequency: str) -> datetime:
    """The beginning of the period so many months later; its clock is that of `first`."""
    index = first.year * 12 + first.month - 1 + months
    year, month = divmod(index, 12)
    return first.replace(year=year, month=1 if frequency == "YEARLY" else month + 1, day=1)
