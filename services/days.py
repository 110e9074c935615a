"""Which events lie on which local days: the one rule by which an event is in a range."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.recurrence import midnight

YEARS = range(1900, 2201)
"""Of which there are calendars."""

Bounds = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both inclusive. An event is in them when its own local days, in its own zone, overlap them.

    An end at midnight does not touch the day it ends on; an event without a length is on the day it starts.
    """

    DAY: ClassVar = timedelta(days=1)
    first: date
    last: date
    _bounds: dict[str, Bounds] = field(default_factory=dict, compare=False)

    @property
    def widest(self) -> Bounds:
        """UTC instants before and after these days in every zone there is."""
        first, last = (datetime.combine(day, time(), UTC) for day in (self.first, self.last))
        return first - self.DAY, last + 2 * self.DAY

    def bounds(self, time_zone: str) -> Bounds:
        """The UTC instants at which the first day begins there and the last one ends."""
        if time_zone not in self._bounds:
            zone = zone_of(time_zone)
            self._bounds[time_zone] = (midnight(self.first, zone), midnight(self.last + self.DAY, zone))
        return self._bounds[time_zone]

    def hold(self, starts_at: datetime, ends_at: datetime, time_zone: str) -> bool:
        """Whether an event is in these days."""
        after, before = self.bounds(time_zone)
        return starts_at < before and (ends_at > after or starts_at >= after)


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of that name; UTC for none and for one that is not known here."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
