"""The two sides of a match: a provider's students without a link, and ours (D-02, D-10)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from db.queries import links, matching
from domain import facts, matches, rows
from domain.problems import NotFound
from loaders import Loaders
from loaders.people import is_on
from services import canvas_users
from services.matching.people import CanvasPerson, LocalPerson
from services.pacing import paced

Accounts = Mapping[str, tuple[facts.Person, tuple[str, ...]]]
"""Canvas id → the person there and every role they hold."""

_MATCHER = b"homeroom-matcher-1"
"""Change it whenever the matcher answers differently, so that no report of the former one is shown."""


@dataclass(frozen=True)
class Sides:
    """`accounts` are all students without a link, `canvas` the same as the matcher takes them.

    `complete`: every roster could be read, so nobody is missing. `fingerprint` is the same for the same people on both
    sides, whenever they were read.
    """

    canvas: list[CanvasPerson]
    local: list[LocalPerson]
    accounts: Accounts
    complete: bool
    fingerprint: str

    @cached_property
    def user_ids(self) -> frozenset[int]:
        return frozenset(person.user_id for person in self.local)


async def read_sides(loaders: Loaders, provider: int, facility_id: int | None) -> Sides | None:
    """Who is to be matched, as far as the viewer may see; None where Canvas's people or courses cannot be read now.

    Source: cached facts; one query for the links there are and one for our people (AC-19).
    Shape:  Canvas's side by ascending id, ours in order of creation.
    Errors: NotFound for a provider, or a facility where it is off.
    """
    known = await provider_for(loaders, provider, facility_id)
    found = await canvas_users.students(loaders, provider)
    if found is None:
        return None
    pairs = await links.linked_pairs(provider)
    accounts, people = {account for account, _ in pairs}, {user for _, user in pairs}
    free = {item[0].id: item async for item in paced(found.people) if item[0].id not in accounts}
    ours = await matching.students(loaders.scope, facility_id, known.facility_ids)
    canvas = [_canvas_person(person) async for person, _ in paced(free.values())]
    local = [_local_person(person) async for person in paced(ours) if person.user_id not in people]
    return Sides(canvas, local, free, found.complete, await _fingerprint(canvas, local))


async def _fingerprint(*sides: Sequence[msgspec.Struct]) -> str:
    digest = hashlib.sha256(_MATCHER)
    for side in sides:
        async for start in paced(range(0, len(side), 1000)):
            digest.update(msgspec.msgpack.encode(side[start : start + 1000]))
        digest.update(b"|")
    return digest.hexdigest()


async def provider_for(loaders: Loaders, provider: int, facility_id: int | None) -> rows.Provider:
    """A provider that is on for the viewer and for a facility. Errors: NotFound."""
    known = (await loaders.providers()).get(provider)
    if known is None or (facility_id is not None and not is_on(known, facility_id)):
        raise NotFound("There is no such provider.", ["providerId"])
    return known


async def provider_of(loaders: Loaders, provider: int, person: rows.User) -> rows.Provider:
    """A provider that is on for the viewer and where a person is. Errors: NotFound."""
    known = await provider_for(loaders, provider, None)
    if not is_on(known, person.facility_id):
        raise NotFound("There is no such provider.", ["providerId"])
    return known


def _canvas_person(person: facts.Person) -> CanvasPerson:
    return CanvasPerson(person.id, person.name, person.login_id, person.email, person.sis_user_id)


def _local_person(person: matches.Student) -> LocalPerson:
    return LocalPerson(
        person.user_id, person.first_name, person.last_name, person.username, person.doc_id, person.email
    )
