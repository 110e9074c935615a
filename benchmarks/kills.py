"""kill -9 of PostgreSQL, Redis, an API process and a worker, one after the other, under load: what clients saw, what was lost.

`python -m benchmarks.kills` starts a PostgreSQL and a Redis of its own; it needs their programs.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.clients import Writers
from benchmarks.load import drive, request
from benchmarks.report import write
from benchmarks.storm import READS, WRITERS, people
from db import connection
from db.models import AuditEntry, Program, SyncRun
from domain.enums import SyncState
from domain.refs import ProviderRef
from graph.auth import issue_token
from graph.ids import encode
from tests.processes.estate import Estate, Running, estate
from tests.processes.servers import Postgres, own_postgres, postgres, wait_for

AWAY_SECONDS = 3.0
AFTERWARDS_SECONDS = 45.0
"""The lease of a killed worker's run lapses after 30 s."""
PULL = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id } errors { __typename } } }"


@dataclass
class Event:
    """A kill. `killed` and `back` on perf_counter: when it was, and when what was killed had been started again."""

    name: str
    killed: float
    back: float = 0.0


@dataclass
class Seen:
    """Each answer: when it came, and `ok`, a code, or the HTTP status."""

    answers: list[tuple[float, str]] = field(default_factory=list)

    def note(self, status: int, content: bytes) -> None:
        self.answers.append((time.perf_counter(), _word(status, content)))


def _word(status: int, content: bytes) -> str:
    if status != 200:
        return f"HTTP {status}" if status else "connection broken"
    if not content.startswith(b'{"errors"'):
        return "ok"
    codes = {error["extensions"]["code"] for error in orjson.loads(content)["errors"]}
    return ", ".join(sorted(codes))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--between", type=float, default=25, help="seconds from one kill to the next")
    given = parser.parse_args()
    if not postgres("initdb") or shutil.which("redis-server") is None:
        print("skipped: the programs of PostgreSQL and Redis are not here")
        return 0
    with tempfile.TemporaryDirectory() as folder, own_postgres() as server:
        asyncio.run(connection.migrate(server.url))
        with estate(Path(folder), server.url) as here:
            body = _trial(here, server, given.clients, given.between)
    write(
        "kills",
        "Killed under load",
        f"python -m benchmarks.kills --clients {given.clients} --between {given.between:g}",
        body,
    )
    return 0


def _trial(here: Estate, server: Postgres, clients: int, between: float) -> str:
    provider = here.canvas("Mortal College", courses=30, students=150, latency_ms=150)
    names = here.in_database(lambda: people(clients))
    apis = here.all_up([here.listening("serve"), here.listening("serve")])
    workers = here.all_up([here.listening("worker"), here.listening("worker")])
    urls = [f"{api.url}/graphql" for api in apis]
    writers = Writers(urls, issue_token(here.secret, "chief"), WRITERS)
    reads = [
        request(urls[n % 2], READS[n % len(READS)], issue_token(here.secret, name)) for n, name in enumerate(names)
    ]
    seen, events, orphans = Seen(), list[Event](), list[int]()

    def choose(client: int, _turn: int) -> bytes:
        return writers.next(client) if writers.asks(client) else reads[client]

    def heard(client: int, status: int, content: bytes, _asked: float) -> None:
        seen.note(status, content)
        if writers.asks(client):
            writers.heard(client, content)

    def worker_dies() -> None:
        here.sandboxes[provider.id].state.behaviour.change({"latency_ms": 1_500.0})
        here.ask(apis[0], PULL, id=encode(ProviderRef(provider.id)))
        wait_for(lambda: here.in_database(_running) or None, 60)
        for worker in workers:
            worker.stop(signal.SIGKILL)
        orphans.append(here.in_database(_running))
        here.sandboxes[provider.id].state.behaviour.change({"latency_ms": 150.0})

    deaths: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
        ("PostgreSQL", server.kill, server.start),
        ("Redis", here.redis.kill, here.redis.start),
        ("one of two API processes", lambda: _kill(apis[1]), lambda: _again(here, apis, "serve")),
        ("both workers, in the middle of a run", worker_dies, lambda: _again(here, workers, "worker")),
    ]
    around = threading.Thread(target=_reaper, args=(deaths, events, between))
    around.start()
    load = asyncio.run(drive(urls, choose, clients, 0, pause=0.2, heard=heard, go_on=around.is_alive))
    around.join()
    made, audited, runs = here.in_database(_counts)
    ready = [(here.ready(api) or {}).get("status") for api in apis]
    logs = "".join(run.errors.read_text(encoding="utf-8") for run in here.started)
    for line in logs.splitlines():
        if "unexpected error" in line:
            sys.stderr.write(f"{line}\n")
    intro = (
        f"{clients} clients, {WRITERS} of them writing and repeating each write under its key until it is answered; "
        f"{len(load.times)} answers in {load.seconds:.0f} s. What was killed was started again after {AWAY_SECONDS:g} s."
    )
    return "\n".join([
        intro,
        "",
        *_table(events, seen),
        "",
        "| | |",
        "|---|---|",
        f"| programs acknowledged / of those lost / there twice | {writers.judged(made)} |",
        f"| programs made / audit entries of it | {len(made)} / {audited} |",
        f"| runs in the middle when the workers died | {sum(orphans)} |",
        f"| runs asked for, and how they ended | {', '.join(runs)} |",
        f"| masked errors (INTERNAL) | {load.codes.get('INTERNAL', 0)} |",
        f"| “unexpected error” in the logs | {logs.count('unexpected error')} |",
        f"| /readyz of both at the end | {', '.join(map(str, ready))} |",
    ])  # fmt: skip


def _reaper(
    deaths: list[tuple[str, Callable[[], None], Callable[[], None]]], events: list[Event], between: float
) -> None:
    for name, kill, start in deaths:
        time.sleep(between)
        events.append(Event(name, time.perf_counter()))
        kill()
        time.sleep(AWAY_SECONDS)
        start()
        events[-1].back = time.perf_counter()
    time.sleep(AFTERWARDS_SECONDS)


def _kill(running: Running) -> None:
    running.stop(signal.SIGKILL)


def _again(here: Estate, running: list[Running], verb: str) -> None:
    """The last of them once more, on its port."""
    again = here.spawn(verb, "--port", running[-1].url.rpartition(":")[2])
    again.url, running[-1] = running[-1].url, again
    here.all_up([again])


def _table(events: list[Event], seen: Seen) -> list[str]:
    """A kill's window ends where the next one begins."""
    rows = ["| killed | away for | answers until the next kill | first to last failure |", "|---|---|---|---|"]
    ends = [event.killed for event in events[1:]] + [float("inf")]
    for event, end in zip(events, ends, strict=True):
        window = [answer for answer in seen.answers if event.killed <= answer[0] < end]
        words = ", ".join(f"{word}: {count}" for word, count in Counter(word for _, word in window).most_common())
        failed = [at for at, word in window if word != "ok"]
        last = f"{failed[-1] - failed[0]:.1f} s" if failed else "nobody failed"
        rows.append(f"| {event.name} | {event.back - event.killed:.1f} s | {words} | {last} |")
    return rows


async def _running() -> int:
    return await SyncRun.filter(state=SyncState.RUNNING).count()


async def _counts() -> tuple[list[str], int, list[str]]:
    runs = await SyncRun.all().order_by("id")
    return (
        [str(name) for name in await Program.filter(name__startswith="storm ").values_list("name", flat=True)],
        await AuditEntry.filter(action="createProgram").count(),
        [f"{run.state.name} at attempt {run.attempts}" for run in runs],
    )


if __name__ == "__main__":
    sys.exit(main())
