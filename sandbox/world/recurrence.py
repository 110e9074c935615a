"""The occurrences of a recurrence rule, as far as Canvas lets one be written: at most 200 rows on the wall clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count as endless
from typing import NamedTuple

from sandbox.world.times import instant

LIMIT = 200
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


class RuleError(ValueError):
    """The rule breaks one of Canvas's own rules; its text is Canvas's message."""


class Rule(NamedTuple):
    frequency: str
    interval: int
    times: int | None
    until: datetime | None
    days: tuple[str, ...]


def read_rule(text: str) -> Rule:
    """Read `FREQ=…;INTERVAL=…;COUNT=…|UNTIL=…`, refusing what Canvas refuses."""
    parts = dict(part.split("=", 1) for part in text.removeprefix("RRULE:").split(";") if "=" in part)
    frequency = parts.get("FREQ", "")
    if not frequency:
        raise RuleError("Missing FREQ")
    if frequency not in FREQUENCIES:
        raise RuleError("Invalid FREQ")
    if "INTERVAL" not in parts:
        raise RuleError("Missing INTERVAL")
    interval = _number(parts["INTERVAL"])
    if interval < 1:
        raise RuleError("INTERVAL must be > 0")
    days = tuple(filter(None, parts.get("BYDAY", "").split(",")))
    return Rule(frequency, interval, _count(parts), _until(parts), days)


def _count(parts: dict[str, str]) -> int | None:
    if "COUNT" not in parts:
        if "UNTIL" not in parts:
            raise RuleError("Missing COUNT or UNTIL")
        return None
    count = _number(parts["COUNT"])
    if count < 1:
        raise RuleError("COUNT must be > 0")
    if count > LIMIT:
        raise RuleError(f"COUNT must be <= {LIMIT}")
    return count


def _until(parts: dict[str, str]) -> datetime | None:
    if "UNTIL" not in parts:
        return None
    try:
        return instant(parts["UNTIL"])
    except ValueError as exc:
        raise RuleError("Invalid UNTIL") from exc


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def occurrences(rule: Rule, first: datetime) -> list[datetime]:
    """The starts of the series on the wall clock of `first`, the head itself included."""
    found: list[datetime] = []
    for moment in _candidates(rule, first):
        if rule.until is not None and moment > rule.until:
            break
        found.append(moment)
        if len(found) == (rule.times or LIMIT + 1):
            break
    if len(found) > LIMIT:
        raise RuleError(f"COUNT must be <= {LIMIT}")
    return found


def _candidates(rule: Rule, first: datetime) -> Iterator[datetime]:
    for step in endless(0, rule.interval):
        for moment in sorted(_period(rule, first, step)):
            if moment >= first:
                yield moment


def _period(rule: Rule, first: datetime, step: int) -> list[datetime]:
    if rule.frequency == "DAILY":
        return [first + timedelta(days=step)]
    if rule.frequency == "WEEKLY":
        monday = first - timedelta(days=first.weekday()) + timedelta(weeks=step)
        days = [DAYS.index(day) for day in rule.days] or [first.weekday()]
        return [monday + timedelta(days=day) for day in days]
    months = step * (12 if rule.frequency == "YEARLY" else 1) + first.month - 1
    month = first.replace(year=first.year + months // 12, month=months % 12 + 1, day=1)
    if rule.frequency == "MONTHLY" and rule.days:
        return [day for code in rule.days if (day := _nth(month, code))]
    last = monthrange(month.year, month.month)[1]
    return [month.replace(day=first.day)] if first.day <= last else []


def _nth(month: datetime, code: str) -> datetime | None:
    """`2TU` is the second Tuesday of the month, `-1FR` its last Friday."""
    nth, weekday = int(code[:-2] or 1), DAYS.index(code[-2:])
    last = monthrange(month.year, month.month)[1]
    days = [day for day in range(1, last + 1) if month.replace(day=day).weekday() == weekday]
    index = nth - 1 if nth > 0 else len(days) + nth
    return month.replace(day=days[index]) if 0 <= index < len(days) else None
