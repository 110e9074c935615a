"""A cold statewide load through homeroom beside the per-course REST way, and what warm pages cost.

python -m benchmarks.statewide
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from benchmarks.report import write
from canvas.connection import Connection
from canvas.courses import list_courses
from canvas.enrollments import list_roster
from canvas.pool import CanvasPool, PoolSettings
from db import connection
from db.models import Facility, Provider, ProviderLink, User
from db.sealing import new_key
from domain.enums import ProviderKind, ProviderState, Role
from domain.names import fold, person_key
from domain.scope import Scope
from graph.schema import schema
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from loaders.canvases import belongs_to
from resolvers.context import Context
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.server import serving
from sandbox.world import World
from services import engine as engines
from services.operation import Engine, begin
from settings import Settings, settings

STATEWIDE = """query Statewide { programs { nodes { name metrics { activeEnrollmentCount enrolledResidentCount } } }
  classes(first: 1000) { nodes { name enrolledCount enrollmentsByFacility { facility { name } enrolledCount } } } }"""
PAGE = (
    """query Page($first: Int) { classes(first: $first) { nodes { id name status program { name } enrolledCount } } }"""
)
ADMIN = Scope(Role.DEPARTMENT_ADMIN, None, None)


async def ask(engine: Engine, query: str, **variables: Any) -> dict[str, Any]:
    result = await schema.execute(query, variable_values=variables, context_value=Context(None, begin(engine, ADMIN)))
    assert result.errors is None, result.errors
    assert isinstance(result.data, dict)
    return result.data


@asynccontextmanager
async def homeroom(url: str, people: int, facilities: int) -> AsyncIterator[Engine]:
    """An engine with cold caches over a database whose people are linked to the Canvas at `url`."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings(
            database_url=f"sqlite://{Path(folder) / 'bench.sqlite3'}",
            redis_url=None,
            secret_key=SecretStr(new_key()),
            canvas_allow_networks="127.0.0.0/8",
            cold_wait_seconds=600,
        )
        await connection.migrate(chosen.database_url)
        await connection.connect(chosen.database_url)
        async with engines.running(chosen, TaskiqQueue(broker_of(chosen))) as engine:
            await _fill(engine, url, people, facilities)
            yield engine
        await connection.disconnect()


async def _fill(engine: Engine, url: str, people: int, facilities: int) -> None:
    places = [await Facility.create(name=f"F{n}", sort_key=fold(f"F{n}"), time_zone="UTC") for n in range(facilities)]
    row = await Provider.create(
        name="Bench",
        sort_key="bench",
        kind=ProviderKind.CANVAS_OSS,
        state=ProviderState.ENABLED,
        base_url=url,
        account_id="1",
    )
    row.sealed_access_key = engine.canvases.keyring.seal(DEFAULT_TOKEN, belongs_to(row.id))
    await row.save()
    users = [
        User(
            username=f"u{n}",
            username_key=f"u{n}",
            first_name="U",
            last_name=str(n),
            sort_key=person_key("U", str(n)),
            role=Role.STUDENT,
            facility_id=places[n % facilities].id,
        )
        for n in range(people)
    ]
    await User.bulk_create(users, batch_size=500)
    ids = await User.all().order_by("id").values_list("id", flat=True)
    links = [
        ProviderLink(user_id=id, provider_id=row.id, external_user_id=str(5001 + n), linked_at=engine.clock())
        for n, id in enumerate(ids)
    ]
    await ProviderLink.bulk_create(links, batch_size=500)


async def per_course(url: str) -> float:
    """Seconds for the courses and then each course's enrolments, under the same limiter."""
    pool = CanvasPool(PoolSettings(allow_networks=("127.0.0.0/8",), timeout=600))
    canvas = pool.canvas(Connection(1, url, "1", DEFAULT_TOKEN))
    start = time.perf_counter()
    courses = await list_courses(canvas)
    await asyncio.gather(*(list_roster(canvas, course.id) for course in courses))
    await pool.aclose()
    return time.perf_counter() - start


async def warm_pages(engine: Engine, first: int, seconds: float) -> float:
    """Pages a second of that many classes, one after the other."""
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        await ask(engine, PAGE, first=first)
        times.append(time.perf_counter() - start)
    return 1 / statistics.median(times)


def resident() -> float:
    """This process's peak memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(courses: int, students_per_course: int, latency_ms: float, people: int, seconds: float) -> str:
    world = World.generate(
        plain=True,
        courses=courses,
        students=max(people, students_per_course * 40),
        students_per_course=students_per_course,
    )
    app = create_app(world, Behaviour(latency_ms=latency_ms, throttling=False))
    with serving(app) as url:
        before = resident()
        async with homeroom(url, people, 10) as engine:
            start = time.perf_counter()
            await ask(engine, STATEWIDE)
            cold, requests = time.perf_counter() - start, len(app.state.log.entries)
            used = resident() - before
            app.state.log.reset()
            start = time.perf_counter()
            await ask(engine, STATEWIDE)
            again, asked = time.perf_counter() - start, len(app.state.log.entries)
            pages = {first: await warm_pages(engine, first, seconds) for first in (25, 100, min(1000, courses))}
        app.state.log.reset()
        rest = await per_course(url)
        rest_requests = len(app.state.log.entries)
    lines = [
        f"{courses} courses x {students_per_course} students, {latency_ms:.0f} ms upstream latency, {people} linked people in 10 facilities.",
        "",
        "| | seconds | Canvas requests |",
        "|---|---|---|",
        f"| cold statewide load | {cold:.2f} | {requests} |",
        f"| the same per course by REST, same limiter | {rest:.2f} | {rest_requests} |",
        f"| **ratio** | **{rest / cold:.1f}x** | **{rest_requests / requests:.1f}x** |",
        f"| the same load again, warm | {again:.3f} | {asked} |",
        "",
        "| warm page of classes with counts | pages a second |",
        "|---|---|",
        *(f"| {first} classes | {rate:.0f} |" for first, rate in pages.items()),
        "",
        f"Peak memory added by the cold load (stand-in Canvas in the same process included): {used:.0f} MB.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=1000)
    parser.add_argument("--students-per-course", type=int, default=30)
    parser.add_argument("--latency-ms", type=float, default=100)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=3)
    chosen = parser.parse_args()
    settings.cache_clear()
    table = asyncio.run(
        measure(chosen.courses, chosen.students_per_course, chosen.latency_ms, chosen.people, chosen.seconds)
    )
    write("statewide", "Statewide load and warm pages", "python -m benchmarks.statewide", table)


if __name__ == "__main__":
    import os

    os.environ["HOMEROOM_MAX_PAGE"] = "1000"
    main()
