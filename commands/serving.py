"""`serve`, `migrate`, `schema`, `explain`, `sandbox`: running homeroom and looking at it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from commands.running import fail, require_current
from db import connection
from db.sealing import Keyring, WeakKeyError
from graph.auth import NoAuthError, verifier
from graph.execution.explain import explain as plan_of
from graph.http.server import run
from graph.logging import configure_logging
from graph.schema import schema as api
from graph.tracing import TracesMissingError, require_traces
from services.meters import SHARED
from settings import Settings, settings

SCHEMA = Path("schema.graphql")


def serve(*, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve the API. More than one worker needs HOMEROOM_REDIS_URL.

    Example: homeroom serve --host 0.0.0.0 --port 8000 --workers 2
    """
    chosen = settings()
    check_settings(chosen)
    if workers > 1 and chosen.redis_url is None:
        fail("more than one worker needs HOMEROOM_REDIS_URL: cache and limits are shared through it.")
    asyncio.run(require_current(chosen))
    with _shared_meters() if workers > 1 else contextlib.nullcontext():
        run(
            uvicorn.Config(
                "commands.serving:application",
                factory=True,
                host=host,
                port=port,
                workers=workers,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=30,
                ws="websockets-sansio",
            )
        )


@contextlib.contextmanager
def _shared_meters() -> Iterator[None]:
    """A folder in which the processes put their numbers together: whichever is asked answers for all."""
    with tempfile.TemporaryDirectory(prefix="homeroom-metrics-") as folder:
        os.environ[SHARED] = folder
        yield


def application() -> Starlette:
    """The application of this process's settings; called by every worker."""
    from graph.app import create_app

    configure_logging(settings().log_level)
    return create_app(settings())


def check_settings(chosen: Settings) -> None:
    """End the command where nobody could sign in or no key could be sealed."""
    try:
        verifier(chosen)
        if chosen.secret_key is None:
            fail("set HOMEROOM_SECRET_KEY: 32 random bytes, url-safe base64. Make one with: homeroom keys new")
        Keyring.parse(chosen.secret_key.get_secret_value())
        if chosen.traces:
            require_traces()
    except (NoAuthError, WeakKeyError, TracesMissingError) as error:
        fail(str(error))


def migrate() -> None:
    """Bring the database up to date. Safe to start twice.

    Example: HOMEROOM_DATABASE_URL=postgres://homeroom@db/homeroom homeroom migrate
    """
    url = settings().database_url
    waiting = asyncio.run(_migrate(url))
    sys.stdout.write(f"{len(waiting)} migrations applied\n" if waiting else "Nothing to do\n")


async def _migrate(url: str) -> list[str]:
    waiting = await connection.pending(url)
    await connection.migrate(url)
    return waiting


def schema(*, check: bool = False, output: Path = SCHEMA) -> None:
    """Write schema.graphql; with --check only say whether it is up to date.

    Example: homeroom schema --check
    """
    text = api.as_str() + "\n"
    if not check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        fail(f"{output} is not up to date. Type: make schema")


def explain(file: Path, *, code: bool = False) -> None:
    """Print how a document is executed: what is read inline, what is loaded per list.

    Example: homeroom explain query.graphql
    """
    sys.stdout.write(plan_of(api._schema, file.read_text(encoding="utf-8"), code=code) + "\n")


def sandbox(*, port: int = 8001, courses: int = 60, students: int = 400, latency_ms: float = 0, seed: int = 1) -> None:
    """Run the stand-in Canvas on this machine alone. Its access key is `sandbox-token`.

    Example: homeroom sandbox --port 8001 --courses 200 --latency-ms 100
    """
    from sandbox.server import command

    command(port=port, courses=courses, students=students, latency_ms=latency_ms, seed=seed)
