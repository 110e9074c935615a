"""kill -9 in the middle of a pull and of a push: another process brings the run to its end, and nothing is half-written."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
import uvicorn
from pydantic import SecretStr

from db.models import AuditEntry, Provider, PushPlan, SyncRun, Team, TeamMembership
from db.sealing import Keyring, new_key
from domain.enums import SyncState
from domain.refs import CanvasClassRef, ProviderRef, TeamRef
from domain.scope import SYSTEM
from loaders.canvases import belongs_to
from sandbox.app import Sandbox, create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from services import engine as engines
from services.operation import Operation, begin
from services.run import Pace
from services.teams.members import set_team_members
from services.teams.plan import plan_memberships
from services.teams.pull import Options, sync_teams
from services.teams.push import push_memberships
from settings import Settings
from tests import factories
from tests.support.house import Held

pytestmark = pytest.mark.slow


@asynccontextmanager
async def served(app: Sandbox) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 10)
        listener.close()


@asynccontextmanager
async def child(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.jobs.child", *arguments)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  another process changes what is waited for
            await asyncio.sleep(0.01)


class Stage:
    """A Canvas behind a real socket, a homeroom in this process that carries nothing out, and children that do."""

    def __init__(self, database_url: str, key: str, op: Operation, provider: Provider, app: Sandbox) -> None:
        self.child = lambda: child(database_url.partition("?")[0], key)
        self.op, self.provider, self.app, self.world = op, provider, app, app.state.world

    async def finished(self) -> bool:
        return await SyncRun.filter(finished_at=None).count() == 0

    async def end(self) -> SyncRun:
        """The run, once a second process has brought it to its end."""
        async with self.child():
            await until(self.finished)
        return (await SyncRun.all().order_by("-id").limit(1))[0]


@asynccontextmanager
async def stage(database_url: str, courses: int, **behaviour: Any) -> AsyncIterator[Stage]:
    world = World.generate(
        seed=1, courses=courses, students=90, students_per_course=30, weeks=1, today=date(2026, 3, 2), plain=True
    )
    app, key = create_app(world, Behaviour(throttling=False, **behaviour)), new_key()
    settings = Settings(secret_key=SecretStr(key), canvas_allow_networks="127.0.0.0/8")
    async with served(app) as address, engines.running(settings, Held()) as engine:
        keyring = Keyring.parse(key)
        provider = await factories.provider(base_url=address, name="Canvas")
        provider.sealed_access_key = keyring.seal(DEFAULT_TOKEN, belongs_to(provider.id))
        await provider.save()
        for user in list(world.users.values()):
            await factories.link(provider=provider, external_user_id=str(user.id))
        yield Stage(database_url, key, begin(engine, SYSTEM), provider, app)


def test_a_killed_process_is_missed_within_a_minute() -> None:
    """The lease runs out, somebody's sweep finds it: together less than a minute at the pace of real processes."""
    pace = Pace()
    assert (pace.lease + pace.sweep, pace.beat * 2 < pace.lease) == (50, True)


async def test_a_killed_pull_is_taken_up_and_every_team_is_whole(database: str) -> None:
    async with stage(database, courses=80) as made:
        await sync_teams(made.op, ProviderRef(made.provider.id), Options())
        async with made.child() as process:
            await until(lambda: Team.all().limit(1).count())
            process.send_signal(signal.SIGKILL)
        run = await SyncRun.get()
        assert (run.state, 0 < await Team.all().count() < 480) == (SyncState.RUNNING, True)
        for team in await Team.all():
            assert await TeamMembership.filter(team_id=team.id, until=None).count() == len(team.seen or {})
        run = await made.end()
    assert (run.state, run.attempts) == (SyncState.SUCCEEDED, 2)
    assert (await Team.all().count(), await TeamMembership.filter(until=None).count()) == (480, 2400)
    assert (run.created, await AuditEntry.filter(object_type="Team").count()) == (2880, 480)


async def test_a_killed_push_is_taken_up_and_ends_where_the_plan_said(database: str) -> None:
    async with stage(database, courses=1) as made:
        await sync_teams(made.op, ProviderRef(made.provider.id), Options())
        await made.end()
        teams = await Team.all().order_by("id")
        people = [
            [row.user_id for row in await TeamMembership.filter(team_id=team.id, until=None).order_by("user_id")]
            for team in teams
        ]
        for at, team in enumerate(teams):  # Two of each team go on to the next one.
            await set_team_members(made.op, TeamRef(team.id), [*people[at][2:], *people[at - 1][:2]])
        course = teams[0].course_id or ""
        plan = await plan_memberships(made.op, CanvasClassRef(made.provider.id, course))
        made.app.state.behaviour.latency_ms = 60
        await push_memberships(made.op, plan, None)
        writes = made.app.state.log.count

        async def two_written() -> bool:
            return writes("memberships", "POST") >= 2

        async with made.child() as process:
            await until(two_written)
            process.send_signal(signal.SIGKILL)
        assert (await SyncRun.all().order_by("-id").first()).state == SyncState.RUNNING  # type: ignore[union-attr]
        made.app.state.behaviour.latency_ms = 0
        run = await made.end()
    assert (run.state, run.attempts, run.updated) == (SyncState.SUCCEEDED, 2, 12)
    for at, team in enumerate(teams):
        links = {row.user_id: row.external_user_id for row in await made.provider.links.all()}
        wanted = sorted(links[person] for person in [*people[at][2:], *people[at - 1][:2]])
        there = [str(row.user_id) for row in made.world.live_members(int(team.canvas_group_id or 0))]
        assert sorted(there) == wanted
    assert (await PushPlan.get()).applied_by_run_id == run.id
