"""`demo`: homeroom with everything it needs, on this machine alone, gone when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json as encoder
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from commands.running import fail
from db import connection
from db.sealing import new_key
from domain.scope import SYSTEM
from graph.auth import issue_token
from graph.logging import configure_logging
from jobs.queue import Unheard
from sandbox.behaviour import DEFAULT_TOKEN
from services import demo as data
from services import engine
from services.operation import begin
from services.warmup import known
from settings import Settings, settings

START_SECONDS = 60
TOKEN_HOURS = 24 * 7
LABELS = {
    "system_admin": "System admin",
    "department_admin": "Department admin",
    "facility_admin": "Facility admin, Cedar Ridge",
    "student": "Student, Cedar Ridge",
}


@dataclass(frozen=True, slots=True)
class Demo:
    """Where it listens and how much of everything there is."""

    port: int
    sandbox_port: int
    courses: int
    students: int
    facilities: int
    latency_ms: int

    @property
    def people(self) -> int:
        """120 of our own beside 400 Canvas users, and in that proportion."""
        return max(12, self.students * 3 // 10)

    @property
    def canvas_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"


def demo(
    *,
    port: int = 8000,
    sandbox_port: int = 8001,
    courses: int = 60,
    students: int = 400,
    facilities: int = 4,
    latency_ms: int = 0,
    json: bool = False,
) -> None:
    """Run homeroom with demo data beside a stand-in Canvas, and print tokens to sign in with. End it with Ctrl-C.

    Example: homeroom demo --port 8000 --courses 200 --latency-ms 100

    Args:
        port: Where homeroom answers.
        sandbox_port: Where the stand-in Canvas answers.
        courses: Courses in Canvas.
        students: People in Canvas; there are 3 of our own to 10 of them.
        facilities: Places of the organisation.
        latency_ms: How long Canvas takes for every answer.
        json: Print one JSON line with addresses and tokens once it is ready.
    """
    wanted = Demo(port, sandbox_port, courses, students, facilities, latency_ms)
    configure_logging("error")  # One of its Canvases is down on purpose.
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # Else the stand-in would outlive a demo that is told to end.
    for number, flag in ((port, "--port"), (sandbox_port, "--sandbox-port")):
        _require_free(number, flag)
    with (
        _canvas(wanted),
        tempfile.TemporaryDirectory(prefix="homeroom-demo-") as folder,
        contextlib.suppress(KeyboardInterrupt),
    ):
        asyncio.run(_run(wanted, _settings(Path(folder), port), as_json=json))


def _settings(folder: Path, port: int) -> Settings:
    """The demo's own, also for whatever reads the settings of this process."""
    os.environ |= {
        "HOMEROOM_DATABASE_URL": f"sqlite://{folder / 'demo.sqlite3'}",
        "HOMEROOM_SECRET_KEY": new_key(),
        "HOMEROOM_AUTH_SECRET": secrets.token_urlsafe(48),
        "HOMEROOM_CANVAS_ALLOW_NETWORKS": "127.0.0.0/8",
        "HOMEROOM_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HOMEROOM_DEMO": "true",
    }
    for name in ("AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SUBJECT", "REDIS_URL"):
        os.environ.pop(f"HOMEROOM_{name}", None)
    settings.cache_clear()
    return settings().model_copy(update={"redis_url": None, "auth_jwks_url": None})


def _require_free(port: int, flag: str) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            fail(f"port {port} is taken. Choose another one with {flag}.")


@contextmanager
def _canvas(wanted: Demo) -> Iterator[None]:
    """The stand-in, as a process of its own."""
    flags = {
        "--port": wanted.sandbox_port,
        "--courses": wanted.courses,
        "--students": wanted.students,
        "--latency-ms": wanted.latency_ms,
    }
    command = [sys.executable, "-m", "cli", "sandbox", *(str(part) for flag in flags.items() for part in flag)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  our own arguments
    try:
        _await_canvas(wanted.canvas_url, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _await_canvas(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_control", timeout=2):  # noqa: S310  loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    fail(f"the stand-in Canvas did not start on {url}.")


async def _run(wanted: Demo, chosen: Settings, *, as_json: bool) -> None:
    from graph.app import create_app

    seeded = await _seed(wanted, chosen)
    secret = chosen.auth_secret.get_secret_value() if chosen.auth_secret else ""
    tokens = {role: issue_token(secret, name, TOKEN_HOURS) for role, name in seeded.users.items()}
    app = create_app(chosen, tokens={LABELS[role]: token for role, token in tokens.items()})
    config = uvicorn.Config(
        app, host="127.0.0.1", port=wanted.port, log_config=None, server_header=False, ws="websockets-sansio"
    )
    async with _serving(uvicorn.Server(config)) as serving:
        await known(app.state.engine, START_SECONDS)
        _announce(wanted, tokens, as_json=as_json)
        await serving


@asynccontextmanager
async def _serving(server: uvicorn.Server) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110  uvicorn tells it by an attribute alone
        await asyncio.sleep(0.02)
    if task.done():
        fail("homeroom did not start.")
    try:
        yield task
    finally:
        server.should_exit = True
        await task


async def _seed(wanted: Demo, chosen: Settings) -> data.Seeded:
    await connection.migrate(chosen.database_url)
    await connection.connect(chosen.database_url)
    try:
        async with engine.running(chosen, Unheard()) as running:
            size = data.Size(wanted.people, wanted.facilities)
            dead = f"http://127.0.0.1:{_closed_port()}"
            return await data.seed(begin(running, SYSTEM), wanted.canvas_url, DEFAULT_TOKEN, dead, size)
    finally:
        await connection.disconnect()


def _closed_port() -> int:
    """A port of this machine on which nobody listens: the Canvas that is down."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _announce(wanted: Demo, tokens: dict[str, str], *, as_json: bool) -> None:
    url = f"http://127.0.0.1:{wanted.port}/graphql"
    if as_json:
        line = encoder.dumps({"url": url, "sandbox": wanted.canvas_url, "tokens": tokens})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        return
    lines = [
        "",
        f"  homeroom is ready:  {url}",
        "  Open it in a browser, choose who you are at the top, and press the play button.",
        "",
        *(f"  {LABELS[role]}\n    {token}" for role, token in tokens.items()),
        "",
        f"  The stand-in Canvas: {wanted.canvas_url}    End with Ctrl-C.",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
