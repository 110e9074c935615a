"""One operation being carried out: who asked for it, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.clock import Clock
from domain.footprint import Footprint, step_into
from domain.queue import Queue
from domain.scope import Scope
from loaders import Loaders
from loaders.bus import Bus
from loaders.cache import FactCache
from loaders.canvases import Canvases
from services.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class Engine:
    """What lives as long as the process. `subject` is the column of ours by which people sign in."""

    facts: FactCache
    canvases: Canvases
    bus: Bus
    queue: Queue
    clock: Clock
    snapshots: Snapshots
    subject: str = "username"


@dataclass(frozen=True, slots=True)
class Operation:
    """A GraphQL operation, a command or a job. `request_id` and `address` are for the audit log."""

    engine: Engine
    loaders: Loaders
    request_id: str | None = None
    address: str | None = None
    footprint: Footprint = field(default_factory=Footprint)

    @property
    def scope(self) -> Scope:
        return self.loaders.scope

    def now(self) -> datetime:
        """Aware UTC."""
        return self.engine.clock()


def begin(
    engine: Engine,
    scope: Scope,
    request_id: str | None = None,
    address: str | None = None,
    most_live: int | None = None,
) -> Operation:
    """A new operation for that scope, with loaders of its own; the task that calls this now works for it.

    Shape: `most_live` is how many answers of Canvas it may wait for itself.
    """
    footprint = Footprint(most_live)
    step_into(footprint)
    loaders = Loaders(scope, engine.facts, engine.clock)
    loaders.people = footprint.shown
    return Operation(engine, loaders, request_id, address, footprint)
