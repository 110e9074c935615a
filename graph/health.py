"""How well each thing is that homeroom needs, for `/readyz` and `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from canvas.breaker import State
from db import connection
from db.failures import UNANSWERED
from graph.http.pages import Check, UnwellError, checked
from loaders.kinds import ACCOUNT, COURSES
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
        told = ", ".join(_told(engine, provider, state) for provider, state in circuits.items())
        if any(state is not State.ANSWERS for state in circuits.values()):
            raise UnwellError(told)
        return told or None

    return check


def _told(engine: Engine, provider: int, state: State) -> str:
    """A Canvas that is away has an age: when its list of courses was last read."""
    if state is State.ANSWERS:
        return f"{provider}: {state.value}"
    read = _last_read(engine, provider)
    return f"{provider}: {state.value}; last read {'never' if read is None else f'{read:%Y-%m-%dT%H:%M:%SZ}'}"


def _last_read(engine: Engine, provider: int) -> datetime | None:
    return engine.facts.peek(COURSES, provider, [ACCOUNT])[ACCOUNT].freshness.fetched_at


def _ages(engine: Engine) -> Metric:
    ages = GaugeMetricFamily(
        "homeroom_canvas_age_seconds", "Since a Canvas's courses were last read.", labels=["provider"]
    )
    for provider in engine.canvases.circuits():
        if (read := _last_read(engine, provider)) is not None:
            ages.add_metric([str(provider)], (engine.clock() - read).total_seconds())
    return ages


def standing(
    engine: Callable[[], Engine | None], checks: Mapping[str, Check]
) -> Callable[[], Awaitable[Sequence[Metric]]]:
    """What `/metrics` looks up when asked: dependencies, how old each Canvas's answers are, and runs by state."""

    async def look() -> list[Metric]:
        up = GaugeMetricFamily("homeroom_dependency_up", "1 where it answers.", labels=["dependency"])
        for name, check in checks.items():
            up.add_metric([name], float(bool((await checked(check))["ok"])))
        running = engine()
        return [up] if running is None else [up, _ages(running), *await _runs(running)]

    return look


async def _runs(engine: Engine) -> list[Metric]:
    states = GaugeMetricFamily("homeroom_runs", "Runs in the database.", labels=["kind", "state"])
    try:
        for kind, state, count in await run_states():
            states.add_metric([kind.name, state.name], count)
        lag = (await run_lag(engine)).total_seconds()
    except UNANSWERED:
        return []
    return [states, GaugeMetricFamily("homeroom_run_lag_seconds", "Age of the oldest run nobody carries out.", lag)]
