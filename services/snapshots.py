"""Whether what was read a while ago still stands: the database's own version, and news of facts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from db.versions import Versions
from loaders.versions import FactVersions, Source


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment before anything was read. Equal `database`: nothing was committed in between."""

    database: str
    facts: int


class Snapshots:
    """Take one with `now`; what was read after `then` still stands at `now` if `stands` says so."""

    def __init__(self, database: Versions, facts: FactVersions) -> None:
        self._database = database
        self._facts = facts

    async def now(self) -> Snapshot | None:
        """The state of everything that answers are made of; None where it cannot be told."""
        facts = self._facts.now
        database = await self._database.current()
        return None if database is None else Snapshot(database, facts)

    def stands(self, then: Snapshot, sources: Collection[Source], now: Snapshot) -> bool:
        """Whether rows of the database and facts of `sources` are at `now` what they were at `then`."""
        return then.database == now.database and self._facts.stand(sources, then.facts)

    async def close(self) -> None:
        self._facts.close()
        await self._database.close()
