"""Many clients, a Canvas that throttles and fails, a process killed in the middle: what is lost, and how it feels.

`python -m benchmarks.storm --seconds 300 --clients 200` needs HOMEROOM_TEST_DATABASE_URL (PostgreSQL) and redis-server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.clients import Writers
from benchmarks.load import Load, drive, request
from benchmarks.report import write
from db import connection
from db.models import AuditEntry, Facility, Program, SyncRun, User
from domain.enums import Role
from domain.refs import ProviderRef
from graph.auth import issue_token
from graph.ids import encode
from sandbox.app import Sandbox
from tests import factories
from tests.processes.estate import Estate, Running, estate
from tests.support.databases import postgres_database

SERVER = os.environ.get("HOMEROOM_TEST_DATABASE_URL")
READS = (
    "query Lists { classes { totalCount nodes { name enrolledCount freshness { state } } sources { state } } }",
    "query Counts { programs { nodes { name metrics { enrolledResidentCount completionRate } } sources { state } } }",
    "query People { users(first: 20) { totalCount nodes { fullName enrollments(first: 5) { nodes { status class { name } } } } } }",
    "query Me { viewer { user { fullName enrollments { nodes { status class { name } } } } } }",
    "query Roster { classes(first: 10) { nodes { name roster { totalCount nodes { user { fullName } status } } } } }",
)
WEATHER: tuple[list[dict[str, object]], ...] = (
    [],
    [{"kind": "throttle"}],
    [{"kind": "status", "status": 503}],
    [{"kind": "html", "status": 502}],
    [{"kind": "half"}],
    [{"kind": "dead"}],
    [{"kind": "slow", "seconds": 3.0}],
    [],
)
WRITERS = 8


@dataclass
class Trial:
    """What is looked at beside the answers. RSS in MB of each API process, every few seconds."""

    rss: list[list[float]] = field(default_factory=list)
    killed: bool = False
    done: threading.Event = field(default_factory=threading.Event)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=200)
    given = parser.parse_args()
    if SERVER is None:
        print("skipped: HOMEROOM_TEST_DATABASE_URL is not set")
        return 0
    with tempfile.TemporaryDirectory() as folder, postgres_database(SERVER, "storm") as url:
        asyncio.run(connection.migrate(url))
        with estate(Path(folder), url) as here:
            here.env["HOMEROOM_FRESH_SECONDS"] = "5"
            body = _storm(here, given.seconds, given.clients)
    write("storm", "A storm", f"python -m benchmarks.storm --seconds {given.seconds:g} --clients {given.clients}", body)
    return 0


def _storm(here: Estate, seconds: float, clients: int) -> str:
    provider = here.canvas("Stormy College", courses=40, students=200, latency_ms=40, throttling=True)
    names = here.in_database(lambda: people(clients))
    apis = here.all_up([here.listening("serve"), here.listening("serve")])
    here.all_up([here.listening("worker")])
    urls = [f"{api.url}/graphql" for api in apis]
    tokens = [issue_token(here.secret, name) for name in names]
    reads = [request(urls[n % 2], READS[n % len(READS)], token) for n, token in enumerate(tokens)]

    writers = Writers(urls, issue_token(here.secret, "chief"), WRITERS)

    def choose(client: int, _turn: int) -> bytes:
        return writers.next(client) if writers.asks(client) else reads[client]

    def heard(client: int, _status: int, content: bytes, _asked: float) -> None:
        if writers.asks(client):
            writers.heard(client, content)

    trial = Trial()
    pull = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id } errors { __typename } } }"
    here.ask(apis[0], pull, id=encode(ProviderRef(provider.id)))
    around = threading.Thread(target=_weather, args=(here, here.sandboxes[provider.id], apis, trial, seconds))
    around.start()
    load = asyncio.run(drive(urls, choose, clients, seconds, pause=0.2, heard=heard))
    trial.done.set()
    around.join()
    here.all_up(apis)
    return _told(here, load, trial, writers, apis, provider.id)


async def people(clients: int) -> list[str]:
    facilities = await Facility.all()
    students = await User.filter(role=Role.STUDENT).limit(clients * 2 // 3)
    names = [student.username for student in students]
    while len(names) < clients:
        officer = await factories.user(role=Role.FACILITY_ADMIN, facility=facilities[len(names) % len(facilities)])
        names.append(officer.username)
    return names


def _weather(here: Estate, sandbox: Sandbox, apis: list[Running], trial: Trial, seconds: float) -> None:
    """Another fault every few seconds; half-way one API process is killed and started again on its port."""
    began, turn = time.monotonic(), 0
    while not trial.done.wait(2.5):
        turn += 1
        sandbox.state.behaviour.change({"faults": WEATHER[turn % len(WEATHER)]})
        trial.rss.append([_rss(api.popen.pid) for api in apis])
        if not trial.killed and time.monotonic() - began > seconds / 2:
            trial.killed = True
            apis[1].stop(signal.SIGKILL)
            again = here.spawn("serve", "--port", apis[1].url.rpartition(":")[2])
            again.url, apis[1] = apis[1].url, again
    sandbox.state.behaviour.change({"faults": []})


def _rss(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _told(here: Estate, load: Load, trial: Trial, writers: Writers, apis: list[Running], provider: int) -> str:
    made, recorded, finished = here.in_database(_counts)
    metrics = "".join(httpx.get(f"{api.url}/metrics").text for api in apis)
    calls = re.findall(r'homeroom_upstream_calls_total\{.*?status="(\w+)"\} ([\d.]+)', metrics)
    by_status: dict[str, float] = {}
    for status, count in calls:
        by_status[status] = by_status.get(status, 0) + float(count)
    logs = "".join(run.errors.read_text(encoding="utf-8") for run in here.started)
    for line in logs.splitlines():
        if '"unexpected error"' in line:
            sys.stderr.write(f"{line}\n")
    log = here.sandboxes[provider].state.log
    first = [row[0] for row in trial.rss if row[0]]
    rows = [
        ("requests answered", f"{len(load.times)} ({load.per_second:.0f}/s)"),
        ("p50 / p95 / p99", " / ".join(f"{load.percentile(share):.0f} ms" for share in (0.5, 0.95, 0.99))),
        ("HTTP statuses", ", ".join(f"{status or 'connection broken'}: {count}" for status, count in sorted(load.statuses.items()))),
        ("codes in answers", ", ".join(f"{code}: {count}" for code, count in sorted(load.codes.items())) or "none"),
        ("masked errors (INTERNAL)", str(load.codes.get("INTERNAL", 0))),
        ("“unexpected error” in the logs", str(logs.count('"unexpected error"'))),
        ("programs acknowledged / of those lost / there twice", writers.judged(made)),
        ("programs made / audit entries of it", f"{len(made)} / {recorded}"),
        ("the pull that ran through the storm", finished),
        ("requests to Canvas by status, as counted by the surviving processes", ", ".join(f"{k}: {v:.0f}" for k, v in sorted(by_status.items()))),
        ("most in flight at Canvas", str(log.max_in_flight)),
        ("memory of the process that lived, in MB, each fifth of the time", ", ".join(f"{first[at]:.0f}" for at in _fifths(len(first)))),
    ]  # fmt: skip
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _fifths(count: int) -> list[int]:
    return sorted({round((count - 1) * share / 5) for share in range(6)}) if count else []


async def _counts() -> tuple[list[str], int, str]:
    run = await SyncRun.all().order_by("-id").first()
    return (
        [str(name) for name in await Program.filter(name__startswith="storm ").values_list("name", flat=True)],
        await AuditEntry.filter(action="createProgram").count(),
        run.state.name if run else "none",
    )


if __name__ == "__main__":
    sys.exit(main())
