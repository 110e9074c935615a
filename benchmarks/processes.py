"""Requests per second with one and two processes, and what each limit costs: `python -m benchmarks.processes`.

Needs HOMEROOM_TEST_DATABASE_URL (PostgreSQL) and redis-server. The client runs on the same machine as what it measures.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from graphql import OperationDefinitionNode, parse
from redis.asyncio import Redis

from benchmarks.load import drive, request
from benchmarks.report import write
from db import connection
from graph.auth import issue_token
from graph.limits.bucket import MemoryBucket, RedisBucket
from graph.limits.gate import Gate
from graph.limits.planner import plan_cost
from graph.limits.shape import shape_of
from graph.limits.weights import HOMEROOM
from graph.schema import schema
from settings import Settings
from tests.processes.estate import Estate, estate
from tests.support.databases import postgres_database

SERVER = os.environ.get("HOMEROOM_TEST_DATABASE_URL")
SMALL = "query Small { facilities { id name } }"
LARGE = (
    "query Large { classes(first: 100) { totalCount nodes { name status enrolledCount completedCount "
    "freshness { state } program { name } } sources { state expected loaded } } }"
)
SECONDS = 6.0
CLIENTS = 16


def main() -> int:
    if SERVER is None:
        print("skipped: HOMEROOM_TEST_DATABASE_URL is not set")
        return 0
    with tempfile.TemporaryDirectory() as folder, postgres_database(SERVER, "bench") as url:
        asyncio.run(connection.migrate(url))
        with estate(Path(folder), url) as here:
            here.env |= {"HOMEROOM_BUDGET": "1000000000", "HOMEROOM_BUDGET_RESTORE": "1000000000"}
            here.env |= {"HOMEROOM_LOG_LEVEL": "warning"}
            here.canvas("Bench College", courses=60, students=400)
            served = _served(here)
            limits = asyncio.run(_limits(here.redis.url))
    write("processes", "Processes and limits", "python -m benchmarks.processes", f"{served}\n\n{limits}")
    return 0


def _served(here: Estate) -> str:
    """Both documents, answered from the cache of answers and made anew, by one and by two processes."""
    rows = ["| processes | document | answers | requests/s | p50 | p95 |", "|---|---|---|---|---|---|"]
    token = issue_token(here.secret, "chief")
    for count in (1, 2):
        for remembered in (True, False):
            env = {} if remembered else {"HOMEROOM_RESPONSE_SECONDS": "0"}
            apis = here.all_up([here.listening("serve", **env) for _ in range(count)])
            urls = [f"{api.url}/graphql" for api in apis]
            for name, document in (("small", SMALL), ("large", LARGE)):
                sent = request(urls[0], document, token)
                asyncio.run(drive(urls, lambda _, __, sent=sent: sent, CLIENTS, 1.5))  # type: ignore[misc]
                load = asyncio.run(drive(urls, lambda _, __, sent=sent: sent, CLIENTS, SECONDS))  # type: ignore[misc]
                wrong = {status for status in load.statuses if status != 200} or load.codes
                kind = "remembered" if remembered else "made anew"
                rows.append(
                    f"| {count} | {name} | {kind} | {load.per_second:.0f} | {load.percentile(0.5):.1f} ms | "
                    f"{load.percentile(0.95):.1f} ms |{f' failed: {wrong}' if wrong else ''}"
                )
            for api in apis:
                api.stop()
    return "\n".join(rows)


async def _limits(redis_url: str) -> str:
    """What each limit costs one operation, without the network: once per document, or every time."""
    document = parse(LARGE)
    (node,) = document.definitions
    if not isinstance(node, OperationDefinitionNode):
        raise TypeError(node)
    gate = Gate(Settings())
    shape = shape_of(document, node)
    plan = plan_cost(schema._schema, document, node, HOMEROOM)
    data = {"classes": {"totalCount": 60, "nodes": [{"freshness": {}, "program": {}}] * 60, "sources": [{}]}}
    memory = MemoryBucket(10**9, 10**9)
    client = Redis.from_url(redis_url)
    shared = RedisBucket(client, 10**9, 10**9)
    rows = [
        ("depth, aliases, root fields, directives", "once per document", _each(lambda: shape_of(document, node))),
        ("their check", "once per document", _each(lambda: gate.check_shape(node.operation, shape))),
        ("tokens and size", "once per document, within parsing", _each(lambda: parse(LARGE, max_lexical_tokens=2_000))),
        ("cost: the plan", "once per document", _each(lambda: plan_cost(schema._schema, document, node, HOMEROOM))),
        ("cost and nodes: the estimate", "each request", _each(lambda: gate.price(plan, {}))),
        ("cost: the actual", "each answer made anew", _each(lambda: plan.actual(data))),
        ("budget in memory", "each request", await _each_async(lambda: memory.take("viewer", 1))),
        ("budget in Redis", "each request", await _each_async(lambda: shared.take("viewer", 1))),
        ("deadline", "each request", await _each_async(_deadline)),
    ]
    await client.aclose()
    lines = [f"| {name} | {when} | {microseconds:.1f} µs |" for name, when, microseconds in rows]
    return "\n".join(["| limit | when | costs |", "|---|---|---|", *lines])


def _each(work: Callable[[], object], seconds: float = 0.3) -> float:
    """Microseconds, the best of five goes."""
    best = float("inf")
    for _ in range(5):
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds / 5:
            work()
            count += 1
        best = min(best, (time.perf_counter() - began) / count)
    return best * 1e6


async def _each_async(work: Callable[[], Awaitable[object]]) -> float:
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(300):
            await work()
        best = min(best, (time.perf_counter() - began) / 300)
    return best * 1e6


async def _deadline() -> None:
    async with asyncio.timeout(10):  # noqa: ASYNC100  its making is what is measured
        pass


if __name__ == "__main__":
    sys.exit(main())
