"""RFC 5545 recurrence rules: read from a client, and turned into starts on the wall clock of their own zone.

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

MOST_COUNT = 3_660
MOST_INTERVAL = 400
FIRST_WITHIN = timedelta(days=3_653)
LAST_WITHIN = timedelta(days=10_958)
CYCLE = 400
"""Years after which the calendar repeats itself, weekdays included."""

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERS = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYSETPOS": (-366, 366)}
_NOT_WITH = {
    "BYMONTHDAY": ("WEEKLY",),
    "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
    "BYSETPOS": ("DAILY", "WEEKLY"),
}


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


def read(text: str) -> Pattern:
    """A rule as a client writes it, with or without `RRULE:`.

    Errors: RuleError naming the part that is wrong.
    """
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise RuleError("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError("A rule ends by COUNT or by UNTIL, not by both.")
    interval = _number("INTERVAL", parts.get("INTERVAL", "1"), 1, MOST_INTERVAL)
    for name, value in parts.items():
        _check(name, value, frequency)
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise RuleError("BYSETPOS chooses among other BY parts: there are none.")
    if "UNTIL" in parts:
        until(parts["UNTIL"], ZoneInfo("UTC"))
    if "BYDAY" in parts:
        parts["BYDAY"] = _all_numbered(parts["BYDAY"], 53 if frequency == "YEARLY" and "BYMONTH" not in parts else 5)
    return Pattern(
        text=";".join(f"{name}={value}" for name, value in parts.items() if name not in {"COUNT", "UNTIL"}),
        frequency=frequency,
        interval=interval,
        has_days=any(name in parts for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY")),
        has_months="BYMONTH" in parts,
        weekdays=tuple(_WEEKDAYS.index(day[-2:]) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        count=_number("COUNT", parts["COUNT"], 1, MOST_COUNT) if "COUNT" in parts else None,
        until=parts.get("UNTIL"),
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value or name in parts:
            raise RuleError("A rule is like FREQ=WEEKLY;BYDAY=MO,WE, each part once.")
        parts[name] = value
    return parts


def _all_numbered(days: str, most: int) -> str:
    """`MO,2TU` with every Monday numbered too: dateutil takes plain and numbered weekdays together for "both at once"."""
    listed = days.split(",")
    if len({len(day) > 2 for day in listed}) < 2:
        return days
    numbered = ([day] if len(day) > 2 else [f"{nth}{day}" for nth in range(1, most + 1)] for day in listed)
    return ",".join(dict.fromkeys(day for found in numbered for day in found))


def _check(name: str, value: str, frequency: str) -> None:
    if frequency in _NOT_WITH.get(name, ()):
        raise RuleError(f"{name} does not go with FREQ={frequency}.")
    if name in _NUMBERS:
        lowest, highest = _NUMBERS[name]
        if any(_number(name, number, lowest, highest) == 0 for number in value.split(",")):
            raise RuleError(f"{name} is never 0.")
    elif name == "BYDAY":
        for day in value.split(","):
            _check_day(day, frequency)
    elif name == "WKST":
        _check_day(value, "WEEKLY")
    elif name not in {"FREQ", "INTERVAL", "COUNT", "UNTIL"}:
        raise RuleError(f"{name} is not used in class schedules.")


def _check_day(day: str, frequency: str) -> None:
    which, weekday = day[:-2], day[-2:]
    if weekday not in _WEEKDAYS or (which and frequency not in {"MONTHLY", "YEARLY"}):
        raise RuleError("BYDAY lists MO, TU, WE, TH, FR, SA, SU; monthly and yearly also like 2TU or -1FR.")
    if which and _number("BYDAY", which, -53, 53) == 0:
        raise RuleError("BYDAY is never the 0th weekday.")


def _number(name: str, text: str, lowest: int, highest: int) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise RuleError(f"{name} is a number.") from error
    if not lowest <= number <= highest:
        raise RuleError(f"{name} is a number from {lowest} to {highest}.")
    return number


def until(text: str, zone: ZoneInfo) -> datetime:
    """The last instant an UNTIL allows: an instant (`…Z`), a wall-clock time of the zone, or the whole of a day in it.

    Errors: RuleError.
    """
    try:
        if len(text) == 8:
            day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
            return midnight(day + timedelta(days=1), zone) - timedelta(seconds=1)
        wall = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise RuleError("UNTIL is like 20260601, 20260601T235959 or 20260601T235959Z.") from error
    return wall if text.endswith("Z") else instant(wall.replace(tzinfo=None), zone)


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
