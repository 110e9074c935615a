"""Whether what was read a while ago still stands: the database's own version, and news of facts."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from db.versions import Versions
from loaders.versions import FactVersions, Source


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment before anything was read. Equal `database`: nothing was committed in between.

    Units: `taken_at` in seconds of a clock that only counts on.
    """

    database: str
    facts: int
    taken_at: float


class Snapshots:
    """Take one with `now`; what was read after `then` still stands at `now` if `stands` says so."""

    def __init__(self, database: Versions, facts: FactVersions, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._facts = facts
        self._clock = clock

    async def now(self) -> Snapshot | None:
        """The state of everything that answers are made of; None where it cannot be told."""
        facts, taken_at = self._facts.now, self._clock()
        database = await self._database.current()
        return None if database is None else Snapshot(database, facts, taken_at)

    def stands(self, then: Snapshot, sources: Collection[Source], now: Snapshot) -> bool:
        """Whether rows of the database and facts of `sources` are at `now` what they were at `then`."""
        return then.database == now.database and self._facts.stand(sources, then.facts)

    async def close(self) -> None:
        self._facts.close()
        await self._database.close()
