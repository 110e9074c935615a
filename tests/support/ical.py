"""iCalendar files read by the letter of RFC 5545, without the library that writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest


@dataclass
class Component:
    name: str
    lines: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.lines[name][1].replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\")


@dataclass(frozen=True)
class Session:
    title: str
    starts_at: datetime | date
    ends_at: datetime | date
    status: str


def read(content: bytes) -> Component:
    """The outermost component. Lines are unfolded; no property of a component here is there twice."""
    root = Component("")
    open_ = [root]
    for line in content.decode().replace("\r\n ", "").split("\r\n"):
        head, _, value = line.partition(":")
        name, *given = head.split(";")
        if name == "BEGIN":
            open_[-1].parts.append(made := Component(value))
            open_.append(made)
        elif name == "END":
            assert open_.pop().name == value
        elif line:
            parameters = dict(one.split("=", 1) for one in given)
            open_[-1].lines[name] = (parameters, value)
    assert open_ == [root]
    return root.parts[0]


def sessions(content: bytes) -> list[Session]:
    """The events with their instants, worked out from the file's own VTIMEZONEs."""
    calendar = read(content)
    zones = {part.text("TZID"): part for part in calendar.parts if part.name == "VTIMEZONE"}
    return [
        Session(part.text("SUMMARY"), when(part, "DTSTART", zones), when(part, "DTEND", zones), part.text("STATUS"))
        for part in calendar.parts
        if part.name == "VEVENT"
    ]


def when(event: Component, name: str, zones: dict[str, Component]) -> datetime | date:
    parameters, value = event.lines[name]
    if parameters.get("VALUE") == "DATE":
        return shown(f"{value}T000000").date()
    return shown(value[:-1]) if value.endswith("Z") else Clock.of(zones[parameters["TZID"]]).instant(shown(value))


def shown(value: str) -> datetime:
    """What a clock shows, written down as if it went by UTC."""
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Clock:
    """The offsets of a zone, each with the instant from which it holds.

    An observance begins when the clock of the one before it (TZOFFSETFROM) shows its DTSTART or an RDATE (§3.6.5).
    """

    offsets: list[tuple[datetime, timedelta]]

    @classmethod
    def of(cls, zone: Component) -> Clock:
        return cls(
            sorted(
                (shown(begin) - offset(part, "TZOFFSETFROM"), offset(part, "TZOFFSETTO"))
                for part in zone.parts
                for begin in [part.text("DTSTART"), *(part.text("RDATE").split(",") if "RDATE" in part.lines else [])]
            )
        )

    def instant(self, wall: datetime) -> datetime:
        """The first at which it shows that time."""
        ends = [begin for begin, _ in self.offsets[1:]]
        return next(
            wall - to
            for (begin, to), end in zip_longest(self.offsets, ends)
            if begin <= wall - to and (end is None or wall - to < end)
        )


def offset(part: Component, name: str) -> timedelta:
    sign, digits = part.text(name)[0], part.text(name)[1:].ljust(6, "0")
    hours, minutes, seconds = (int(digits[at : at + 2]) for at in (0, 2, 4))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds) * (-1 if sign == "-" else 1)
