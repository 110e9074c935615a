"""Which handler carries out which kind of run, and which runs start by themselves."""

from __future__ import annotations

from services.operation import Engine
from services.run import Handlers

HANDLERS: Handlers = {}


async def start_nightly(engine: Engine, hour: int) -> None:
    """Start tonight's runs that nobody started yet. `hour` is of the day in UTC."""
