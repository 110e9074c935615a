"""What the audit log says of who is in a team: at each facility of its own people, and of nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from db.models import User
from db.queries.fetching import batches
from domain.refs import TeamRef
from services import audit
from services.operation import Operation

Told: TypeAlias = Mapping[int, int | None] | Mapping[str, int | None]
"""What stands for each member, a number of ours or a Canvas account → the person."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Who was in a team and who is; None before it was made, and after it was deleted."""

    team: TeamRef
    facility_id: int | None
    before: Told | None
    after: Told | None
    name: str | None = None
    key: str = "members"


def numbers(people: Iterable[int]) -> dict[int, int | None]:
    """People as `Lists` has them."""
    return {person: person for person in people}


async def record_members(op: Operation, action: str, lists: Sequence[Lists]) -> None:
    """Write what changed; call it inside the transaction that it tells of."""
    entries = await entries_of(lists)
    if entries:
        await audit.record_all(op, action, entries)


async def entries_of(lists: Sequence[Lists]) -> list[audit.Entry]:
    """One entry per team and facility whose people changed; a team made or deleted is told at its own facility too.

    Shape:  a team of the department is told there only where nobody of a facility was in it.
    Source: one query for all.
    """
    people = {person for one in lists for side in (one.before, one.after) for person in (side or {}).values()}
    places: dict[int | None, int | None] = {None: None}
    for batch in batches(person for person in people if person is not None):
        places |= dict(await User.filter(id__in=batch).values_list("id", "facility_id"))
    return [entry for one in lists for entry in _entries(one, places)]


def _entries(one: Lists, places: Mapping[int | None, int | None]) -> Iterable[audit.Entry]:
    before, after = _by_place(one.before, places), _by_place(one.after, places)
    begins_or_ends = one.before is None or one.after is None
    own = {one.facility_id} if begins_or_ends and (one.facility_id is not None or not {*before, *after}) else set()
    for place in sorted({*before, *after, *own}, key=lambda place: (place is not None, place)):
        was, now = before.get(place, []), after.get(place, [])
        if was != now or place in own:
            named = {"name": one.name} if begins_or_ends else {}
            yield audit.Entry(
                one.team,
                place,
                None if one.before is None else {**named, one.key: was},
                None if one.after is None else {**named, one.key: now},
            )


def _by_place(side: Told | None, places: Mapping[int | None, int | None]) -> dict[int | None, list[Any]]:
    found: defaultdict[int | None, list[Any]] = defaultdict(list)
    for member, person in sorted((side or {}).items()):
        found[places.get(person)].append(member)
    return found
