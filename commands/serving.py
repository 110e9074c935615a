"""`serve`, `migrate`, `schema`, `explain`, `sandbox`: running homeroom and looking at it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from commands.files import InputFile, OutputFile
from commands.running import fail, opening_the_database, require_current, require_keys, warn
from db import connection
from graph import upstream
from graph.auth import NoAuthError, verifier
from graph.execution.explain import explain as plan_of
from graph.http.server import run
from graph.logging import configure_logging
from graph.schema import schema as api
from graph.schema_changes import NoSchemaError, changes_since
from graph.tracing import TracesMissingError, require_traces
from services.meters import SHARED
from services.viewers import shut_out
from settings import Settings, settings

SCHEMA = Path("schema.graphql")


def serve(*, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve the API. More than one worker needs HOMEROOM_REDIS_URL.

    Example: homeroom serve --host 0.0.0.0 --port 8000 --workers 2

    Args:
        host: The address to listen on.
        port: The port to listen on.
        workers: How many processes answer.
    """
    chosen = settings()
    check_settings(chosen)
    if workers > 1 and chosen.redis_url is None:
        fail("more than one worker needs HOMEROOM_REDIS_URL: cache and limits are shared through it.")
    asyncio.run(require_current(chosen))
    asyncio.run(_warn_of_lockouts(chosen))
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


async def _warn_of_lockouts(chosen: Settings) -> None:
    await connection.connect(chosen.database_url)
    try:
        sharing, without = await shut_out(chosen.auth_subject)
    finally:
        await connection.disconnect()
    if sharing:
        warn(f"{sharing} people share their e-mail with somebody: HOMEROOM_AUTH_SUBJECT=email lets none of them in.")
    if without:
        warn(f"{without} admins have no e-mail: HOMEROOM_AUTH_SUBJECT=email does not let them in.")


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
        if chosen.traces:
            require_traces()
    except (NoAuthError, TracesMissingError) as error:
        fail(str(error))
    require_keys(chosen)


def migrate() -> None:
    """Bring the database up to date. Safe to start twice.

    Example: HOMEROOM_DATABASE_URL=postgres://homeroom@db/homeroom homeroom migrate
    """
    url = settings().database_url
    waiting = asyncio.run(_migrate(url))
    sys.stdout.write(f"{len(waiting)} migrations applied\n" if waiting else "Nothing to do\n")


async def _migrate(url: str) -> list[str]:
    with opening_the_database():
        waiting = await connection.pending(url)
    await connection.migrate(url)
    return waiting


def schema(*, check: bool = False, output: OutputFile = SCHEMA, since: InputFile | None = None) -> None:
    """Write schema.graphql; with --check only say whether it is up to date, with --since what has changed for clients.

    Example: homeroom schema --check

    Args:
        check: Write nothing; exit code 1 where it is not up to date.
        output: Where it stands.
        since: An earlier schema.graphql: say what would break clients of it, what was announced there and is over, and
            what may surprise them. Exit code 1 where something breaks.
    """
    if since is not None:
        _tell_changes(since)
        return
    text = api.as_str() + "\n"
    if not check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        fail(f"{output} is not up to date. Type: make schema")


def _tell_changes(since: Path) -> None:
    try:
        changes = changes_since(since.read_text(encoding="utf-8"), api._schema, datetime.now(UTC).date())
    except (NoSchemaError, UnicodeDecodeError):
        fail(f"{since} is not a schema.")
    sys.stdout.writelines(f"breaks        {line}\n" for line in changes.breaking)
    sys.stdout.writelines(f"announced     {line}\n" for line in changes.announced)
    sys.stdout.writelines(f"may surprise  {line}\n" for line in changes.surprising)
    if changes.breaking:
        raise SystemExit(1)


def explain(
    file: InputFile, *, variables: InputFile | None = None, operation: str | None = None, code: bool = False
) -> None:
    """Print how a document is executed: what is read inline, what is loaded per list, and what Canvas is asked for it.

    Example: homeroom explain query.graphql --variables query.json

    Args:
        file: The document.
        variables: A file with its variables, a JSON object.
        operation: Which of its operations, where it has several.
        code: Also print the code made for it.
    """
    try:
        given = None if variables is None else json.loads(variables.read_text(encoding="utf-8"))
        document = file.read_text(encoding="utf-8")
        told = plan_of(api._schema, document, operation_name=operation, variables=given, code=code, told=upstream.told)
    except ValueError as error:
        fail(f"{file}: {error}")
    sys.stdout.write(f"{told}\n")


def sandbox(*, port: int = 8001, courses: int = 60, students: int = 400, latency_ms: float = 0, seed: int = 1) -> None:
    """Run the stand-in Canvas on this machine alone. Its access key is `sandbox-token`.

    Example: homeroom sandbox --port 8001 --courses 200 --latency-ms 100

    Args:
        port: Where it answers.
        courses: How many courses it has.
        students: How many people it has.
        latency_ms: How long it takes for every answer.
        seed: The same number makes the same world again.
    """
    from sandbox.server import command

    command(port=port, courses=courses, students=students, latency_ms=latency_ms, seed=seed)
