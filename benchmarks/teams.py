"""A pull of many groups, first and unchanged, beside the guide's way: python -m benchmarks.teams [--courses 50 --ms 20]

Each measured process is fresh, with a migrated SQLite file of its own, and asks the same stand-in Canvas, which runs in
another process. Peak memory is the whole process's, looked at every few milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Self

import httpx
from pydantic import SecretStr

from benchmarks import report, teams_guide
from db import connection
from db.models import AuditEntry, Provider, ProviderLink, SyncRun, Team, TeamMembership, User
from db.sealing import Keyring, new_key
from domain.enums import ProviderKind, Role
from domain.names import person_key
from domain.refs import ProviderRef
from domain.scope import SYSTEM
from loaders.canvases import belongs_to
from sandbox.behaviour import DEFAULT_TOKEN
from services import engine as engines
from services.operation import Engine, begin
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from services.teams.pull import Options, sync_teams
from settings import Settings

GROUPS, MEMBERS = 20, 30


class Nobody:
    """A queue whose jobs the benchmark carries out itself."""

    async def enqueue(self, job: str, key: int) -> None:
        del job, key


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_048_576


class Peak:
    """The most memory of the process, looked at every few milliseconds."""

    def __enter__(self) -> Self:
        self.most = resident_mb()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.005):
            self.most = max(self.most, resident_mb())


async def seed(key: str, address: str, people: int) -> Provider:
    """A provider, and everybody in Canvas linked to somebody of ours."""
    keyring = Keyring.parse(key)
    provider = await Provider.create(
        name="Canvas", sort_key="canvas", kind=ProviderKind.CANVAS_OSS, base_url=address, account_id="1"
    )
    provider.sealed_access_key = keyring.seal(DEFAULT_TOKEN, belongs_to(provider.id))
    await provider.save()
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}", "User-Agent": "benchmark"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        accounts: list[str] = []
        page = "/api/v1/accounts/1/users?sort=id&per_page=100"
        while page:
            answer = await client.get(page)
            accounts += [str(row["id"]) for row in answer.json()]
            page = answer.links.get("next", {}).get("url", "")
    rows = [
        User(
            username=f"u{id}",
            username_key=f"u{id}",
            first_name="A",
            last_name=id,
            sort_key=person_key("A", id),
            role=Role.STUDENT,
        )
        for id in accounts
    ]
    await User.bulk_create(rows, batch_size=1000)
    ours = await User.all().order_by("id").values_list("id", "last_name")
    links = [ProviderLink(provider_id=provider.id, user_id=id, external_user_id=account) for id, account in ours]
    await ProviderLink.bulk_create(links, batch_size=1000)
    assert len(links) >= people
    return provider


async def ours(engine: Engine, provider: int) -> int:
    """One pull; how many requests it took."""
    op = begin(engine, SYSTEM)
    ref = await sync_teams(op, ProviderRef(provider), Options(override="benchmark"))
    await carry_out(engine, ref.id, HANDLERS, Pace())
    row = await SyncRun.get(id=ref.id)
    assert row.state.startswith("SUCCEEDED"), row.message
    return 0


async def measure(way: str, address: str, folder: str, people: int) -> None:
    url, key, calls = f"sqlite://{folder}/{way}.sqlite3", new_key(), [0]
    await connection.migrate(url)
    await connection.connect(url)
    settings = Settings(secret_key=SecretStr(key), canvas_allow_networks="127.0.0.0/8")
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}", "User-Agent": "benchmark"}

    def call(_: object) -> None:
        calls[0] += 1

    async with (
        engines.running(settings, Nobody(), on_call=call) as engine,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client,
    ):
        provider = (await seed(key, address, people)).id
        found: dict[str, object] = {"way": way}
        work: Callable[[], Awaitable[int]] = (
            (lambda: ours(engine, provider)) if way == "homeroom" else (lambda: teams_guide.pull(client, provider))
        )
        for name in ("first", "unchanged"):
            calls[0], start = 0, time.perf_counter()
            with Peak() as peak:
                requests = await work() or calls[0]
            found[name] = {"seconds": time.perf_counter() - start, "requests": requests, "peak": peak.most}
        found["teams"], found["memberships"] = await Team.all().count(), await TeamMembership.filter(until=None).count()
        found["audit"] = await AuditEntry.filter(object_type="Team").count()
    await connection.disconnect()
    sys.stdout.write(json.dumps(found) + "\n")


@contextlib.contextmanager
def canvas(courses: int, ms: int) -> Iterator[str]:
    """The stand-in, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    numbers = (port, courses, GROUPS, MEMBERS, ms)
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.teams_canvas", *map(str, numbers)])
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def table(rows: list[dict[str, dict[str, float]]]) -> str:
    lines = ["| | way | seconds | requests | peak MB |", "|---|---|---|---|---|"]
    for name in ("first", "unchanged"):
        for row in rows:
            one = row[name]
            lines.append(
                f"| {name} | {row['way']} | {one['seconds']:.1f} | {one['requests']:.0f} | {one['peak']:.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--courses", type=int, default=50)
    parser.add_argument("--ms", type=int, default=20)
    parser.add_argument("--one", nargs=4)
    chosen = parser.parse_args()
    if chosen.one:
        way, address, folder, people = chosen.one
        asyncio.run(measure(way, address, folder, int(people)))
        return
    rows = []
    with canvas(chosen.courses, chosen.ms) as address, tempfile.TemporaryDirectory() as folder:
        for way in ("homeroom", "guide"):
            command = [sys.executable, "-m", "benchmarks.teams", "--one", way, address, folder, "1"]
            out = subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, "HOMEROOM_LOG_LEVEL": "error"}
            ).stdout
            rows.append(json.loads(out.splitlines()[-1]))
            print(rows[-1])
    groups = chosen.courses * GROUPS
    body = (
        f"{groups:,} groups of {MEMBERS} in {chosen.courses} courses ({groups * MEMBERS:,} memberships), SQLite, a stand-in "
        f"Canvas in another process that takes {chosen.ms} ms for each request on top of its own work. The guide's way is "
        "one request per group and one query per member, one after the other, and records nothing. Peak memory is "
        "the whole process's.\n\n"
        f"{table(rows)}\n\nBoth ended with {rows[0]['teams']:,} teams and {rows[0]['memberships']:,} memberships "
        f"({rows[1]['teams']:,} and {rows[1]['memberships']:,} the guide's way). homeroom wrote {rows[0]['audit']:,} audit "
        "entries in the first pull and none in the second."
    )
    report.write("teams", "Pulling teams", "python -m benchmarks.teams", body)


if __name__ == "__main__":
    main()
