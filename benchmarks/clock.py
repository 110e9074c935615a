"""Clocks that jump by two days under two API processes and a worker: `python -m benchmarks.clock`.

Needs HOMEROOM_TEST_DATABASE_URL (PostgreSQL), redis-server, whose clocks stay, and libfaketime.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.report import write
from db import connection
from db.models import Provider, SyncRun
from domain.clock import utc_now
from domain.refs import ProviderRef
from graph.auth import issue_token
from graph.ids import encode
from tests.processes.estate import Estate, Running, estate
from tests.support.databases import postgres_database

SERVER = os.environ.get("HOMEROOM_TEST_DATABASE_URL")
JUMPS = (("as it was", "+0"), ("two days ahead", "+2d"), ("two days behind", "-2d"), ("as it was again", "+0"))
CLASSES = "{ classes(first: 100) { totalCount nodes { name enrolledCount } sources { state } } }"
PULL = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id } errors { __typename } } }"
WATCHED_SECONDS = 8.0


def main() -> int:
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
    if SERVER is None or library is None:
        print("skipped: HOMEROOM_TEST_DATABASE_URL is not set, or libfaketime is not here")
        return 0
    with tempfile.TemporaryDirectory() as folder, postgres_database(SERVER, "clock") as url:
        asyncio.run(connection.migrate(url))
        with estate(Path(folder), url) as here:
            here.env |= _faked(library, Path(folder) / "clock")
            body = _trial(here, Path(folder) / "clock")
    write("clock", "Clocks that jump", "python -m benchmarks.clock", body)
    return 0


def _faked(library: Path, file: Path) -> dict[str, str]:
    """What is started so reads its clock from `file`; waiting and monotonic clocks stay as they are."""
    file.write_text("+0", encoding="utf-8")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def _trial(here: Estate, file: Path) -> str:
    here.env["HOMEROOM_FRESH_SECONDS"] = "300"
    provider = here.canvas("Timely College", courses=12, latency_ms=50)
    apis = here.all_up([here.listening("serve"), here.listening("serve"), here.listening("worker")])[:2]
    rows = ["| clock | FRESH on both after | requests to Canvas in 8 s | statuses | a pull ended | a token of 12 h |"]
    rows.append("|---|---|---|---|---|---|")
    for name, offset in JUMPS:
        here.sandboxes[provider.id].state.log.reset()
        file.write_text(offset, encoding="utf-8")
        rows.append(f"| {name} | {_row(here, apis, provider)} |")
    logs = "".join(run.errors.read_text(encoding="utf-8") for run in here.started)
    return "\n".join([*rows, "", f"“unexpected error” in the logs: {logs.count('unexpected error')}"])


def _row(here: Estate, apis: list[Running], provider: Provider) -> str:
    began, fresh, statuses = time.perf_counter(), [0.0, 0.0], Counter[int]()
    while time.perf_counter() - began < WATCHED_SECONDS:
        for number, api in enumerate(apis):
            answer = _ask(here, api)
            statuses[answer.status_code] += 1
            found = (answer.json().get("data") or {}).get("classes")
            if found is None:
                sys.stderr.write(f"{answer.status_code} {answer.text[:300]}\n")
                continue
            states = {row["state"] for row in found["sources"]}
            if states == {"FRESH"} and not fresh[number]:
                fresh[number] = time.perf_counter() - began
        time.sleep(0.05)
    calls = len(here.sandboxes[provider.id].state.log.entries)
    told = ", ".join(f"{status}: {count}" for status, count in statuses.items())
    short = httpx.post(
        f"{apis[0].url}/graphql",
        json={"query": CLASSES},
        headers={"authorization": f"Bearer {issue_token(here.secret, 'chief')}"},
        timeout=30,
    )
    seconds = f"{max(fresh):.1f} s" if all(fresh) else "never"
    return f"{seconds} | {calls} | {told} | {_pulled(here, apis[1], provider)} | {short.status_code}"


def _ask(here: Estate, api: Running, query: str = CLASSES, **variables: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {issue_token(here.secret, 'chief', hours=24 * 30, now=_days_ago)}"}
    return httpx.post(f"{api.url}/graphql", json={"query": query, "variables": variables}, headers=headers, timeout=30)


def _days_ago() -> datetime:
    """Before every jump: a token of the future is not taken."""
    return utc_now() - timedelta(days=3)


def _pulled(here: Estate, api: Running, provider: Provider) -> str:
    began = time.perf_counter()
    _ask(here, api, PULL, id=encode(ProviderRef(provider.id)))
    while time.perf_counter() - began < 60:
        run = here.in_database(lambda: SyncRun.all().order_by("-id").first())
        if run is not None and run.finished_at is not None:
            return f"{run.state.name}, {time.perf_counter() - began:.1f} s"
        time.sleep(0.2)
    return "not within 60 s"


if __name__ == "__main__":
    sys.exit(main())
