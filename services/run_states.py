"""How background work stands, for operators: states, and how long work has been waiting."""

from __future__ import annotations

from datetime import timedelta

from db.queries import runs
from domain.enums import SyncKind, SyncState
from services.operation import Engine

LATE = timedelta(minutes=5)


class WorkIsLateError(Exception):
    """Work has waited for longer than LATE: there are too few workers, or none."""


async def run_states() -> list[tuple[SyncKind, SyncState, int]]:
    """How many runs of each kind are in each state."""
    return await runs.run_states()


async def run_lag(engine: Engine) -> timedelta:
    """How long the oldest run that nobody carries out has been waiting; zero where none waits."""
    now = engine.clock()
    since = await runs.waiting_since(now)
    return timedelta() if since is None else max(now - since, timedelta())


async def require_prompt(engine: Engine) -> str:
    """The lag in words. Errors: WorkIsLateError."""
    lag = await run_lag(engine)
    if lag > LATE:
        raise WorkIsLateError
    return f"oldest waiting run: {lag.total_seconds():.0f} s"
