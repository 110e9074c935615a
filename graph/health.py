"""How well each thing is that homeroom needs, for `/readyz` and `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from tortoise.exceptions import BaseORMException

from db import connection
from graph.http.pages import Check, UnwellError, checked
from services.operation import Engine
from services.run_states import require_prompt, run_lag, run_states

Checks = dict[str, Check]


async def database() -> None:
    """Raise ConnectionError unless it answers."""
    if not await connection.healthy():
        raise ConnectionError


def of_engine(engine: Engine) -> Checks:
    """What can be away while homeroom still answers."""
    checks = {
        "canvas": Check(_circuits(engine), required=False),
        "jobs": Check(lambda: require_prompt(engine), required=False),
    }
    if engine.facts.store.shared:
        checks["redis"] = Check(_redis(engine), required=False)
    return checks


def _redis(engine: Engine) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        if not await engine.facts.store.healthy():
            raise ConnectionError

    return check


def _circuits(engine: Engine) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        circuits = engine.canvases.circuits()
        told = ", ".join(f"{provider}: {state}" for provider, state in circuits.items())
        if any(state != "closed" for state in circuits.values()):
            raise UnwellError(told)
        return told or None

    return check


def standing(
    engine: Callable[[], Engine | None], checks: Mapping[str, Check]
) -> Callable[[], Awaitable[Sequence[Metric]]]:
    """What `/metrics` looks up when asked: dependencies, and runs by state."""

    async def look() -> list[Metric]:
        up = GaugeMetricFamily("homeroom_dependency_up", "1 where it answers.", labels=["dependency"])
        for name, check in checks.items():
            up.add_metric([name], float(bool((await checked(check))["ok"])))
        running = engine()
        return [up] if running is None else [up, *await _runs(running)]

    return look


async def _runs(engine: Engine) -> list[Metric]:
    states = GaugeMetricFamily("homeroom_runs", "Runs in the database.", labels=["kind", "state"])
    try:
        for kind, state, count in await run_states():
            states.add_metric([kind.name, state.name], count)
        lag = (await run_lag(engine)).total_seconds()
    except (BaseORMException, OSError):
        return []
    return [states, GaugeMetricFamily("homeroom_run_lag_seconds", "Age of the oldest run nobody carries out.", lag)]
