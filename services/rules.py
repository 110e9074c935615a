"""RFC 5545 recurrence rules as clients write them: read, checked and taken apart."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.recurrence import Pattern, RuleError, instant, midnight

MOST_COUNT = 3_660
MOST_INTERVAL = 400
MOST_CHARACTERS = 450
"""Of a rule as it is kept, without its end."""

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERS = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYSETPOS": (-366, 366)}
_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?([A-Z]{2})")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_OTHERS = ("DTSTART", "EXDATE", "EXRULE", "RDATE")
_NOT_WITH = {
    "BYMONTHDAY": ("WEEKLY",),
    "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
    "BYSETPOS": ("DAILY", "WEEKLY"),
}


@lru_cache(maxsize=4_096)
def read(text: str) -> Pattern:
    """A rule as a client writes it, with or without `RRULE:`. The same text is read once: a calendar has few different rules.

    Errors: RuleError naming the part that is wrong.
    """
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise RuleError("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError("A rule ends by COUNT or by UNTIL, not by both.")
    interval = _number("INTERVAL", parts.get("INTERVAL", "1"), 1, MOST_INTERVAL)
    weeks = 53 if frequency == "YEARLY" and "BYMONTH" not in parts else 5
    for name, value in parts.items():
        _check(name, value, frequency, weeks)
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise RuleError("BYSETPOS chooses among other BY parts: there are none.")
    if "UNTIL" in parts:
        until(parts["UNTIL"], ZoneInfo("UTC"))
    if "BYDAY" in parts:
        parts["BYDAY"] = _all_numbered(parts["BYDAY"], weeks)
    kept = ";".join(f"{name}={value}" for name, value in parts.items() if name not in {"COUNT", "UNTIL"})
    if len(kept) > MOST_CHARACTERS:
        raise RuleError("This rule is too long. Make several sessions of it.")
    return Pattern(
        text=kept,
        frequency=frequency,
        interval=interval,
        has_days=any(name in parts for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY")),
        has_months="BYMONTH" in parts,
        weekdays=tuple(_WEEKDAYS.index(day[-2:]) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        count=_number("COUNT", parts["COUNT"], 1, MOST_COUNT) if "COUNT" in parts else None,
        until=parts.get("UNTIL"),
    )


def _parts(text: str) -> dict[str, str]:
    written = "".join(text.split()).upper()
    if any(name in written for name in _OTHERS):
        raise RuleError("Give the rule alone: cancel single sessions, and schedule further ones by themselves.")
    parts: dict[str, str] = {}
    for part in written.removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.partition("=")
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


def _check(name: str, value: str, frequency: str, weeks: int) -> None:
    if frequency in _NOT_WITH.get(name, ()):
        raise RuleError(f"{name} does not go with FREQ={frequency}.")
    if name in _NUMBERS:
        lowest, highest = _NUMBERS[name]
        if any(_number(name, number, lowest, highest) == 0 for number in value.split(",")):
            raise RuleError(f"{name} is never 0.")
    elif name == "BYDAY":
        for day in value.split(","):
            _check_day(day, frequency, weeks)
    elif name == "WKST":
        _check_day(value, "WEEKLY", weeks)
    elif name not in {"FREQ", "INTERVAL", "COUNT", "UNTIL"}:
        raise RuleError(f"{name} is not used in class schedules.")


def _check_day(day: str, frequency: str, weeks: int) -> None:
    """`weeks`: how many of one weekday there can be in the month or year that is counted in."""
    which, weekday = found.groups() if (found := _DAY.fullmatch(day)) else (None, "")
    if weekday not in _WEEKDAYS or (which and frequency not in {"MONTHLY", "YEARLY"}):
        raise RuleError("BYDAY lists MO, TU, WE, TH, FR, SA, SU; monthly and yearly also like 2TU or -1FR.")
    if which and _number("BYDAY", which, -weeks, weeks) == 0:
        raise RuleError("BYDAY is never the 0th weekday.")


def _number(name: str, text: str, lowest: int, highest: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise RuleError(f"{name} is a number.")
    number = int(text)
    if not lowest <= number <= highest:
        raise RuleError(f"{name} is a number from {lowest} to {highest}.")
    return number


def until(text: str, zone: ZoneInfo) -> datetime:
    """The last instant an UNTIL allows: an instant (`…Z`), a wall-clock time of the zone, or the whole of a day in it.

    Errors: RuleError.
    """
    try:
        return _until(text, zone)
    except (ValueError, OverflowError) as error:
        raise RuleError("UNTIL is like 20260601, 20260601T235959 or 20260601T235959Z.") from error


def _until(text: str, zone: ZoneInfo) -> datetime:
    if not _UNTIL.fullmatch(text):
        raise ValueError(text)
    if len(text) == 8:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        return midnight(day + timedelta(days=1), zone) - timedelta(seconds=1)
    wall = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return wall if text.endswith("Z") else instant(wall.replace(tzinfo=None), zone)
