"""homeroom's own questions over its own data: our executor beside the library's, and answers remembered, in turns.

python -m benchmarks.answers [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import gc
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from pydantic import SecretStr
from starlette.types import Message

os.environ.setdefault("HOMEROOM_MAX_PAGE", "1000")

from benchmarks.comparison import SECRET
from benchmarks.report import write
from db import connection
from db.models import ClassEvent, Enrollment, Facility, Program, SchoolClass, User
from db.sealing import new_key
from domain.enums import ClassStatus, EnrollmentStatus, ProviderKind, Role
from domain.names import fold, person_key
from domain.scope import SYSTEM
from graph.app import calm_collector, create_app
from graph.auth import issue_token
from graph.logging import configure_logging
from graph.schema import build
from sandbox.app import create_app as create_canvas
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from services.operation import begin
from services.provider_changes import ProviderFields, create_provider
from settings import Settings

CANVAS = "https://college.example"
CLASSES, STUDENTS, COURSES = 1_000, 20, 60
NAMES = ("library", "ours", "ours, after a write", "remembered")
LONG = """{ classes(first: 1000) { totalCount nodes {
  id name status program { name } facility { name } enrolledCount completedCount } } }"""
NEXT = """{ classes(first: 1000) { totalCount nodes { id name status program { name } facility { name }
  enrolledCount completedCount schedule { text nextEvent { id title startsAt } } } } }"""
CALENDAR = """{ calendar(start: "%s", end: "%s") { events {
  __typename id title startsAt endsAt timeZone isCancelled location class { id name } program { name } } } }"""
WEEKS = 10
FIRST_DAY = dt.date.today() + dt.timedelta(days=1)  # noqa: DTZ011 - a day to begin with
CASES = {
    "`{ viewer { role } }`": ("{ viewer { role } }", 200),
    "25 classes, counts": ("{ classes(first: 25) { nodes { id name status enrolledCount completedCount } } }", 30),
    "1,000 classes, program, facility, counts": (LONG, 4),
    "the same with the next event": (NEXT, 2),
    "10,000 events, class, program": (CALENDAR % (FIRST_DAY, FIRST_DAY + dt.timedelta(weeks=WEEKS, days=-1)), 1),
}


@dataclass
class Taken:
    """Milliseconds of single answers, the peak of memory of one in MB, and how long others waited for their turn at most.

    `turns` are milliseconds of this thread's own work: what else runs on the machine does not count.
    """

    ms: list[float] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    peak: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.ms, n=20)[-1] if len(self.ms) > 1 else self.median


class Asker:
    """One application, asked without a network between."""

    def __init__(self, app: Any, token: str) -> None:
        self.app = app
        self._headers = [
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {token}".encode()),
        ]

    async def __call__(self, query: str) -> bytes:
        body = orjson.dumps({"query": query})
        parts: list[bytes] = []
        requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return requests.pop() if requests else await asyncio.Future()

        async def send(message: Message) -> None:
            parts.append(message.get("body", b""))

        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": self._headers}
        await self.app({**scope, "scheme": "http", "client": ("127.0.0.1", 1), "root_path": ""}, receive, send)
        return b"".join(parts)


async def _fill(app: Any) -> None:
    """As many native classes, spread over programs and facilities, each with its students; and a Canvas beside them."""
    places = [await Facility.create(name=f"F{n}", sort_key=fold(f"F{n}"), time_zone="UTC") for n in range(10)]
    programs = [await Program.create(name=f"Program {n}", sort_key=fold(f"Program {n}")) for n in range(40)]
    names = [f"Class {n}" for n in range(CLASSES)]
    await SchoolClass.bulk_create(
        [
            SchoolClass(
                name=name,
                sort_key=fold(name),
                program_id=programs[n % 40].id,
                facility_id=places[n % 10].id,
                status=ClassStatus.ACTIVE,
                capacity=STUDENTS + 5,
                start_date="2026-01-05",
            )
            for n, name in enumerate(names)
        ],
        batch_size=500,
    )
    await User.bulk_create([_user(n, places[n % 10].id) for n in range(5_000)], batch_size=500)
    await User.create(
        username="bench", username_key="bench", first_name="B", last_name="M", sort_key="b m", role=Role.SYSTEM_ADMIN
    )
    people = await User.filter(role=Role.STUDENT).order_by("id").values_list("id", flat=True)
    classes = await SchoolClass.all().order_by("id").values_list("id", flat=True)
    await Enrollment.bulk_create(
        [
            Enrollment(
                school_class_id=id,
                user_id=people[(n * 7 + place * 11) % len(people)],
                status=EnrollmentStatus.ENROLLED if place % 4 else EnrollmentStatus.COMPLETED,
                enrolled_at=app.state.engine.clock(),
            )
            for n, id in enumerate(classes)
            for place in range(STUDENTS)
        ],
        batch_size=2_000,
    )
    start = dt.datetime.combine(FIRST_DAY, dt.time(15), dt.UTC)
    await ClassEvent.bulk_create(
        [
            ClassEvent(
                school_class_id=id,
                title=f"Session {n}",
                starts_at=start + dt.timedelta(hours=n % 100),
                time_zone="UTC",
                seconds=3600,
                rule="FREQ=WEEKLY",
            )
            for n, id in enumerate(classes)
        ],
        batch_size=500,
    )
    wanted = ProviderFields(
        name="Bench", kind=ProviderKind.CANVAS_OSS, base_url=CANVAS, account_id="1", access_key=DEFAULT_TOKEN
    )
    await create_provider(begin(app.state.engine, SYSTEM), wanted)


def _user(number: int, facility_id: int) -> User:
    return User(
        username=f"u{number}",
        username_key=f"u{number}",
        first_name="U",
        last_name=str(number),
        sort_key=person_key("U", str(number)),
        role=Role.STUDENT,
        facility_id=facility_id,
    )


@asynccontextmanager
async def homeroom(folder: str) -> AsyncIterator[dict[str, Asker]]:
    """The application over data of its own, once with each executor and once with its cache."""
    canvas = create_canvas(World.generate(plain=True, courses=COURSES, students=400), Behaviour(throttling=False))
    chosen = Settings(
        database_url=f"sqlite://{folder}/answers.sqlite3",
        redis_url=None,
        secret_key=SecretStr(new_key()),
        auth_secret=SecretStr(SECRET),
        budget=10**15,
        budget_restore=10**12,
        max_cost=10**9,
        max_nodes=10**9,
        max_page=1_000,
        cold_wait_seconds=60,
        query_seconds=60,
        response_seconds=0,
    )
    await connection.migrate(chosen.database_url)
    apps: dict[str, Any] = {}
    for name, executor, seconds in (
        ("library", "library", 0),
        ("ours", "homeroom", 0),
        ("remembered", "homeroom", 600),
    ):
        os.environ["HOMEROOM_EXECUTOR"] = executor
        given = chosen.model_copy(update={"response_seconds": seconds})
        apps[name] = create_app(given, transport=httpx.ASGITransport(app=canvas), schema=build())
    async with apps["ours"].router.lifespan_context(apps["ours"]):
        for app in apps.values():
            app.state.engine = apps["ours"].state.engine
        await _fill(apps["ours"])
        token = issue_token(SECRET, "bench")
        askers = {name: Asker(app, token) for name, app in apps.items()}
        yield {**askers, "ours, after a write": askers["ours"]}


async def _ask(askers: dict[str, Asker], name: str, query: str) -> float:
    if name == "ours, after a write":
        await Facility.filter(name="F0").update(time_zone="UTC")
    start = time.perf_counter()
    await askers[name](query)
    return (time.perf_counter() - start) * 1000


async def _longest_turn(askers: dict[str, Asker], name: str, query: str) -> float:
    """The longest that somebody else had to wait while one answer was made."""
    turns: list[float] = []

    async def watch() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            turns.append((time.thread_time() - last) * 1000)
            last = time.thread_time()

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await _ask(askers, name, query)
    await asyncio.sleep(0)
    watching.cancel()
    return max(turns)


async def measure(rounds: int) -> dict[str, dict[str, Taken]]:
    taken = {case: {name: Taken() for name in NAMES} for case in CASES}
    with tempfile.TemporaryDirectory() as folder:
        async with homeroom(folder) as askers:
            calm_collector()
            for query, _ in CASES.values():
                await askers["ours"](query)  # what Canvas has to say is in memory from here on
            await askers["ours"].app.state.engine.facts.table.flush()
            for query, _ in CASES.values():
                said = {orjson.dumps(orjson.loads(await askers[name](query))["data"]) for name in NAMES}
                assert len(said) == 1, f"different answers to {query}"
            for turn in range(rounds):
                for case, (query, times) in CASES.items():
                    for name in NAMES[:: 1 if turn % 2 == 0 else -1]:
                        gc.collect()
                        await _ask(askers, name, query)
                        taken[case][name].ms += [await _ask(askers, name, query) for _ in range(times)]
            for case, (query, _) in CASES.items():
                for name in NAMES:
                    tracemalloc.start()
                    await _ask(askers, name, query)
                    taken[case][name].peak = tracemalloc.get_traced_memory()[1] / 1e6
                    tracemalloc.stop()
                    taken[case][name].turns = [await _longest_turn(askers, name, query) for _ in range(3)]
    return taken


def table(taken: dict[str, dict[str, Taken]], rounds: int) -> str:
    lines = [
        f"{CLASSES:,} native classes of {STUDENTS} students and {COURSES} Canvas courses on SQLite, one client, in one process,",
        f"from the request's bytes to the answer's ({rounds} rounds in turns). `library`: HOMEROOM_EXECUTOR=library. Canvas facts",
        "are in memory. `after a write`: every row is read again, the viewer's too; the others find the viewer unchanged.",
        "`longest turn`: milliseconds of work (median of three answers) for which nobody else had a turn of the event loop; the",
        f"aim is 50. Load average of the machine at the end: {os.getloadavg()[0]:.1f}.",
        "",
        "| question | | answers/s | median ms | p95 ms | longest turn ms | peak MB | library / this |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case, by_name in taken.items():
        for name, one in by_name.items():
            ratio = by_name["library"].median / one.median
            lines.append(
                f"| {case} | {name} | {1000 / one.median:,.0f} | {one.median:.2f} | {one.p95:.2f} "
                f"| {statistics.median(one.turns):.1f} | {one.peak:.2f} | {ratio:.1f} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    configure_logging("error")
    taken = asyncio.run(measure(options.rounds))
    command = f"python -m benchmarks.answers --rounds {options.rounds}"
    write("answers", "Answers", command, table(taken, options.rounds))


if __name__ == "__main__":
    main()
