"""What one operation reads, bound to who is asking. Build one `Loaders` per operation; never share it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Protocol, TypeVar

from strawberry.dataloader import DataLoader

from db.queries import classes, facilities, programs, providers, users
from domain import rows
from domain.clock import Clock
from domain.freshness import Reading
from domain.scope import Scope
from loaders.cache import FactCache
from loaders.keys import Kind
from loaders.once import OncePer
from loaders.pending import Pending
from loaders.people import Residents, residents
from loaders.witness import Witness

T = TypeVar("T")


class Loaders:
    """Nothing outside `scope` comes out of here, and no provider that is off for the viewer is ever asked.

    `people` are those whose data the operation has shown, also where its answer came from a cache.
    """

    def __init__(self, scope: Scope, facts: FactCache, clock: Clock) -> None:
        self.scope = scope
        self.facts = Witness(facts)
        self.now = clock
        self.wanted: dict[tuple[int, str], set[str]] = {}
        self.people: set[int] = set()

    async def providers(self) -> dict[int, rows.Provider]:
        """The enabled providers that are on for the viewer, by number, in the order of their names."""
        return await self._providers(None)

    @cached_property
    def pending(self) -> Pending:
        return Pending()

    @cached_property
    def residents(self) -> OncePer[int | None, Residents]:
        return OncePer(partial(residents, self))

    @cached_property
    def _providers(self) -> OncePer[None, dict[int, rows.Provider]]:
        return OncePer(self._load_providers)

    async def read(self, kind: Kind[T], provider: int, ids: Iterable[str]) -> dict[str, Reading[T]]:
        """One reading per id; none at all, and no request, where the provider is off for the viewer."""
        if provider not in await self.providers():
            return {}
        wanted = list(ids)
        self.wanted.setdefault((provider, kind.name), set()).update(wanted)
        async with self.pending:
            return await self.facts.read(kind, provider, wanted)

    @cached_property
    def user_by_id(self) -> ById[rows.User | None]:
        return ById(partial(_by_id, partial(users.users_by_ids, self.scope)))

    @cached_property
    def facility_by_id(self) -> ById[rows.Facility | None]:
        return ById(partial(_by_id, facilities.facilities_by_ids))

    @cached_property
    def native_program_by_id(self) -> ById[rows.Program | None]:
        return ById(partial(_by_id, partial(programs.programs_by_ids, self.scope)))

    @cached_property
    def native_class_by_id(self) -> ById[rows.SchoolClass | None]:
        return ById(partial(_by_id, partial(classes.classes_by_ids, self.scope)))

    def forget(self) -> None:
        """Read everything anew: this operation has written something."""
        for loader in ("user_by_id", "facility_by_id", "native_program_by_id", "native_class_by_id"):
            self.__dict__.pop(loader, None)
        self._providers.forget()
        self.residents.forget()

    async def _load_providers(self, _: None) -> dict[int, rows.Provider]:
        return {row.id: row for row in await providers.enabled_providers(self.scope)}


class ById(DataLoader[int, T | None]):
    """Lists name the same few rows again and again: each is waited for once."""

    async def load_many(self, keys: Iterable[int]) -> list[T | None]:
        wanted = list(keys)
        distinct = list(dict.fromkeys(wanted))
        found = dict(zip(distinct, await super().load_many(distinct), strict=True))
        return [found[key] for key in wanted]


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


H = TypeVar("H", bound=_HasId)


async def _by_id(load: Callable[[Sequence[int]], Awaitable[Sequence[H]]], ids: list[int]) -> list[H | None]:
    found = {row.id: row for row in await load(ids)}
    return [found.get(id) for id in ids]
