"""Several homeroom processes on one PostgreSQL and one Redis of their own, over stand-in Canvases in this process."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from db import connection
from db.models import Provider, User
from db.sealing import Keyring, new_key
from domain.enums import Role
from graph.auth import issue_token
from loaders.canvases import belongs_to
from sandbox.app import Sandbox, create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.server import serving
from sandbox.world import World
from tests import factories
from tests.processes.servers import Redis, free_port, wait_for

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


@dataclass
class Running:
    """One process of ours; `errors` is the file its standard error goes to."""

    popen: subprocess.Popen[bytes]
    url: str
    errors: Path

    def stop(self, name: signal.Signals = signal.SIGTERM, seconds: float = 45) -> int:
        self.popen.send_signal(name)
        return self.popen.wait(seconds)


@dataclass
class Estate:
    """Everything there is of it. `ask` as the department admin."""

    folder: Path
    database_url: str
    redis: Redis
    env: dict[str, str]
    secret: str
    keyring: Keyring
    stack: ExitStack
    sandboxes: dict[int, Sandbox] = field(default_factory=dict)
    started: list[Running] = field(default_factory=list)

    def spawn(self, *words: str, **env: str) -> Running:
        """A process of ours, not waited for; ended with the estate."""
        errors = self.folder / f"{words[0]}-{len(self.started)}.log"
        with errors.open("wb") as file:
            command = [sys.executable, "-m", "cli", *words]
            popen = subprocess.Popen(command, cwd=ROOT, env={**self.env, **env}, stderr=file, stdout=subprocess.DEVNULL)
        running = Running(popen, "", errors)
        self.started.append(running)
        self.stack.callback(_end, popen)
        return running

    def api(self, *words: str, **env: str) -> Running:
        return self.all_up([self.listening("serve", *words, **env)])[0]

    def worker(self, **env: str) -> Running:
        return self.all_up([self.listening("worker", **env)])[0]

    def listening(self, *words: str, **env: str) -> Running:
        """A process with a port of its own, not waited for."""
        port = free_port()
        running = self.spawn(*words, "--port", str(port), **env)
        running.url = f"http://127.0.0.1:{port}"
        return running

    def all_up(self, started: list[Running]) -> list[Running]:
        """The same, once each of them answers."""
        for running in started:
            wait_for(lambda running=running: self.is_up(running), 90)  # type: ignore[misc]
        return started

    def is_up(self, running: Running) -> bool:
        assert running.popen.poll() is None, running.errors.read_text(encoding="utf-8")[-3000:]
        try:
            return httpx.get(f"{running.url}/healthz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def ready(self, running: Running) -> dict[str, Any] | None:
        """What /readyz says; None while nobody answers."""
        try:
            found: dict[str, Any] = httpx.get(f"{running.url}/readyz", timeout=10).json()
        except httpx.HTTPError:
            return None
        return found

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {issue_token(self.secret, 'chief')}"}

    def ask(self, running: Running, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{running.url}/graphql", json=body, headers=self.headers, timeout=40).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def in_database(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run something of ours on the estate's database, from this process."""

        async def run() -> T:
            await connection.connect(self.database_url)
            try:
                return await work()
            finally:
                await connection.disconnect()

        return asyncio.run(run())

    def canvas(self, name: str, courses: int = 20, students: int = 60, **behaviour: Any) -> Provider:
        """A provider over a stand-in, with half of its students linked to people of ours."""
        world = World.generate(courses=courses, students=students, students_per_course=10, plain=True)
        app = create_app(world, Behaviour(**{"throttling": False, **behaviour}))
        url = self.stack.enter_context(serving(app))
        provider = self.in_database(lambda: self._seed(name, url, world))
        self.sandboxes[provider.id] = app
        return provider

    async def _seed(self, name: str, url: str, world: World) -> Provider:
        row = await factories.provider(name=name, base_url=url)
        row.sealed_access_key = self.keyring.seal(DEFAULT_TOKEN, belongs_to(row.id))
        row.access_key_fingerprint = self.keyring.fingerprint(DEFAULT_TOKEN)
        await row.save()
        facility = await factories.facility()
        students = sorted({enrollment.user_id for enrollment in world.enrollments.values()})
        for number in students[::2]:
            person = await factories.user(facility=facility)
            await factories.link(provider=row, user=person, external_user_id=str(number))
        return row


def _end(popen: subprocess.Popen[bytes]) -> None:
    if popen.poll() is None:
        popen.terminate()
        try:
            popen.wait(20)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait(10)


@contextmanager
def estate(folder: Path, database_url: str) -> Iterator[Estate]:
    """An empty one with its department admin; `database_url` has been migrated."""
    with ExitStack() as stack:
        redis = Redis(folder)
        redis.start()
        stack.callback(redis.kill)
        key, secret = new_key(), secrets.token_urlsafe(48)
        env = {name: value for name, value in os.environ.items() if not name.startswith("HOMEROOM_")} | {
            "HOMEROOM_DATABASE_URL": database_url,
            "HOMEROOM_REDIS_URL": redis.url,
            "HOMEROOM_SECRET_KEY": key,
            "HOMEROOM_AUTH_SECRET": secret,
            "HOMEROOM_CANVAS_ALLOW_NETWORKS": "127.0.0.0/8",
        }
        opened = Estate(folder, database_url, redis, env, secret, Keyring.parse(key), stack)

        async def chief() -> User:
            return await factories.user(username="chief", username_key="chief", role=Role.DEPARTMENT_ADMIN)

        opened.in_database(chief)
        yield opened
