"""What a recurrence rule means, worked out without any library: every local day is looked at and asked whether it is meant.

Instants come from stepping through UTC minute by minute until the zone's clock shows the wanted time, so that nothing here
shares a line, or an idea, with what it checks.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Rule:
    frequency: str
    interval: int = 1
    by_day: tuple[tuple[int, str], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_set_position: tuple[int, ...] = ()
    week_start: str = "MO"
    count: int | None = None
    by_year_day: tuple[int, ...] = ()
    until: date | None = None

    @property
    def text(self) -> str:
        parts = [f"FREQ={self.frequency}", f"INTERVAL={self.interval}", f"WKST={self.week_start}"]
        parts += [f"BYDAY={','.join(f'{nth or str()}{day}' for nth, day in self.by_day)}"] if self.by_day else []
        for name, numbers in (
            ("BYMONTHDAY", self.by_month_day),
            ("BYMONTH", self.by_month),
            ("BYSETPOS", self.by_set_position),
            ("BYYEARDAY", self.by_year_day),
        ):
            parts += [f"{name}={','.join(map(str, numbers))}"] if numbers else []
        parts += [f"COUNT={self.count}"] if self.count else []
        parts += [f"UNTIL={self.until:%Y%m%d}"] if self.until else []
        return ";".join(parts)


def starts(rule: Rule, first: datetime, zone: str, after: date, end: date) -> list[datetime]:
    """The starts of the series that began at the wall-clock time `first`, from the local day `after` to `end`, as UTC instants."""
    days = list(islice(_days(rule, first.date(), min(end, rule.until or end)), rule.count))
    return [instant_of(datetime.combine(day, first.time()), zone) for day in days if day >= after]


def _days(rule: Rule, first: date, end: date) -> Iterator[date]:
    period: list[date] = []
    label: object = None
    day = _period_start(rule, first)
    while day <= end + timedelta(days=366):
        if _label(rule, day) != label:
            yield from _chosen(rule, period, first, end)
            period, label = [], _label(rule, day)
        if _in_step(rule, first, day) and _meant(rule, first, day):
            period.append(day)
        day += timedelta(days=1)


def _chosen(rule: Rule, period: list[date], first: date, end: date) -> Iterator[date]:
    picked = period
    if rule.by_set_position:
        places = {p - 1 if p > 0 else len(period) + p for p in rule.by_set_position}
        picked = [day for place, day in enumerate(period) if place in places]
    yield from (day for day in picked if first <= day <= end)


def _week(rule: Rule, day: date) -> date:
    return day - timedelta(days=(day.weekday() - DAYS.index(rule.week_start)) % 7)


def _label(rule: Rule, day: date) -> object:
    return {
        "DAILY": day,
        "WEEKLY": _week(rule, day),
        "MONTHLY": (day.year, day.month),
        "YEARLY": day.year,
    }[rule.frequency]


def _period_start(rule: Rule, first: date) -> date:
    return {
        "DAILY": first,
        "WEEKLY": _week(rule, first),
        "MONTHLY": first.replace(day=1),
        "YEARLY": first.replace(month=1, day=1),
    }[rule.frequency]


def _in_step(rule: Rule, first: date, day: date) -> bool:
    apart = {
        "DAILY": (day - first).days,
        "WEEKLY": (_week(rule, day) - _week(rule, first)).days // 7,
        "MONTHLY": (day.year - first.year) * 12 + day.month - first.month,
        "YEARLY": day.year - first.year,
    }[rule.frequency]
    return apart % rule.interval == 0


def _meant(rule: Rule, first: date, day: date) -> bool:
    if rule.by_month and day.month not in rule.by_month:
        return False
    from_end = (day - day.replace(month=12, day=31)).days - 1
    if rule.by_year_day and day.timetuple().tm_yday not in rule.by_year_day and from_end not in rule.by_year_day:
        return False
    last = monthrange(day.year, day.month)[1]
    if rule.by_month_day and day.day not in rule.by_month_day and day.day - last - 1 not in rule.by_month_day:
        return False
    if rule.by_day and not any(_is_weekday(rule, nth, name, day) for nth, name in rule.by_day):
        return False
    if rule.by_day or rule.by_month_day or rule.by_year_day:
        return True
    if rule.frequency == "WEEKLY":
        return day.weekday() == first.weekday()
    if rule.frequency == "MONTHLY":
        return day.day == first.day
    if rule.frequency == "YEARLY":
        return day.day == first.day and (bool(rule.by_month) or day.month == first.month)
    return True


def _is_weekday(rule: Rule, nth: int, name: str, day: date) -> bool:
    if DAYS[day.weekday()] != name:
        return False
    if not nth:
        return True
    if rule.frequency == "MONTHLY" or rule.by_month:
        begin, end = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    else:
        begin, end = day.replace(month=1, day=1), day.replace(month=12, day=31)
    fellows = [
        d for d in (begin + timedelta(days=n) for n in range((end - begin).days + 1)) if d.weekday() == day.weekday()
    ]
    return fellows.index(day) == (nth - 1 if nth > 0 else len(fellows) + nth)


def instant_of(wall: datetime, zone: str) -> datetime:
    """The first UTC minute at which the zone's clock shows `wall`; in a gap, `wall` by the offset before it (RFC 5545)."""
    info = ZoneInfo(zone)
    at = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    before = at.astimezone(info).utcoffset()
    for _ in range(30 * 60):
        shown = at.astimezone(info).replace(tzinfo=None)
        if shown == wall:
            return at
        if shown > wall:
            break
        before = at.astimezone(info).utcoffset()
        at += timedelta(minutes=1)
    assert before is not None
    return (wall - before).replace(tzinfo=UTC)
