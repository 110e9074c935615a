"""A calendar of ten thousand Canvas events over 300 courses: cold, warm, and how both grow.

python -m benchmarks.calendar
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from benchmarks.report import write
from benchmarks.statewide import ask, homeroom
from graph.app import calm_collector
from sandbox.app import create_app
from sandbox.behaviour import Behaviour
from sandbox.server import serving
from sandbox.world import World

CALENDAR = """query Calendar($start: Date!, $end: Date!) { calendar(start: $start, end: $end) {
  events { __typename id title startsAt endsAt timeZone isCancelled location class { id name } program { name } }
  sources { state expected loaded } } }"""
WEEKS = 34
BEFORE, AFTER = timedelta(weeks=9), timedelta(weeks=27)


class Measured(NamedTuple):
    events: int
    requests: int
    cold: float
    warm: float
    month: float


async def measure(courses: int, latency_ms: float, repeats: int) -> Measured:
    """One size: everything cold, everything again, and one month of it."""
    world = World.generate(plain=True, courses=courses, students=400, students_per_course=10, weeks=WEEKS)
    app = create_app(world, Behaviour(latency_ms=latency_ms, throttling=False))
    today = date.today()  # noqa: DTZ011  the world is made around the machine's own day
    whole = {"start": str(today - BEFORE), "end": str(today + AFTER)}
    month = {"start": str(today), "end": str(today + timedelta(days=30))}
    with serving(app) as url:
        async with homeroom(url, 100, 10) as engine:
            await ask(engine, "{ classes(first: 1) { totalCount } }")
            calm_collector()  # as `serve` does: the stand-in's world is in this process, and is not to be looked through
            app.state.log.reset()
            start = time.perf_counter()
            found = (await ask(engine, CALENDAR, **whole))["calendar"]
            cold = time.perf_counter() - start
            assert found["sources"] == [{"state": "FRESH", "expected": courses, "loaded": courses}]
            requests = Counter(entry.path for entry in app.state.log.entries)["/api/v1/calendar_events"]
            app.state.log.reset()
            warm = await _median(engine, whole, repeats)
            one = await _median(engine, month, repeats)
            assert not app.state.log.entries
    return Measured(len(found["events"]), requests, cold, warm, one)


async def _median(engine: Any, days: dict[str, str], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        await ask(engine, CALENDAR, **days)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def table(found: dict[int, Measured], latency_ms: float) -> str:
    rows = [
        f"| {courses} | {m.events:,} | {m.requests} | {m.cold:.2f} s | {m.warm * 1000:.0f} ms | {m.month * 1000:.0f} ms |"
        for courses, m in sorted(found.items())
    ]
    smallest, largest = found[min(found)], found[max(found)]
    ratio = largest.events / smallest.events
    growth = largest.warm / smallest.warm
    return "\n".join(
        [
            f"Stand-in Canvas on loopback, {latency_ms:g} ms an answer, ten courses a request, 6 requests in flight. Eight months of",
            "weekly sessions with class and program, as a department admin; the course list is warm, the calendar cold.",
            "",
            "| courses | events | calendar requests | cold | warm | one month of it, warm |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"{ratio:.1f} times the events take {growth:.1f} times as long when warm.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--courses", type=int, nargs="+", default=[30, 100, 300])
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    found = {n: asyncio.run(measure(n, chosen.latency_ms, chosen.repeats)) for n in chosen.courses}
    write("calendar", "Calendar", "python -m benchmarks.calendar", table(found, chosen.latency_ms))


if __name__ == "__main__":
    main()
