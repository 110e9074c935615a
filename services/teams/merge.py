"""What a pull changes here: three sides of every group of a set, compared. Nothing is read or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.enums import Source
from domain.teams import Seen


@dataclass(frozen=True, slots=True)
class Side:
    """One group. `here`: person → who put them in; `there`: Canvas accounts in it now, None where they are hidden."""

    group_id: str
    seen: Seen
    here: Mapping[int, Source]
    there: frozenset[str] | None


@dataclass(slots=True)
class Finding:
    """Something a person should look at."""

    code: str
    canvas_user_id: str


@dataclass(slots=True)
class Merged:
    """What changes in one group: people who join (from another group of the set, or from none) and who leave."""

    joins: dict[int, str | None] = field(default_factory=dict)
    leaves: list[int] = field(default_factory=list)
    moved_away: list[int] = field(default_factory=list)
    seen: dict[str, int | None] | None = None
    unchanged: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.joins or self.leaves or self.moved_away)


def merge(sides: Sequence[Side], people: Mapping[str, int]) -> dict[str, Merged]:
    """The changes of each group of one set. `people`: Canvas account → linked person.

    Shape:  an edit made here that Canvas does not know yet stays; an edit made in Canvas is taken over; where both
            changed the same person, what is here stays and a finding tells it.
    """
    return _Merge(sides, people).run()


class _Merge:
    def __init__(self, sides: Sequence[Side], people: Mapping[str, int]) -> None:
        self._sides = {side.group_id: side for side in sides}
        self._people = people
        self._accounts = {person: account for account, person in people.items()}
        self._home = {person: side.group_id for side in sides for person in side.here}
        self._in = _placed(sides)
        self._seen = {(account, person) for side in sides for account, person in side.seen.items()}
        self._merged = {side.group_id: Merged() for side in sides}

    def run(self) -> dict[str, Merged]:
        for side in self._sides.values():
            if side.there is not None:
                self._arrivals(side, side.there)
        for side in self._sides.values():
            if side.there is not None:
                self._departures(side, side.there)
                self._merged[side.group_id].seen = {account: self._people.get(account) for account in side.there}
        return self._merged

    def _arrivals(self, side: Side, there: frozenset[str]) -> None:
        merged = self._merged[side.group_id]
        for account in sorted(there):
            person = self._people.get(account)
            if person is None:
                merged.findings.append(Finding("UNLINKED_MEMBER", account))
            elif self._in[account] != side.group_id:
                merged.findings.append(Finding("IN_TWO_GROUPS", account))
            else:
                self._arrival(side, merged, account, person)

    def _arrival(self, side: Side, merged: Merged, account: str, person: int) -> None:
        known_here = side.seen.get(account) == person
        home = self._home.get(person)
        if home == side.group_id:
            merged.unchanged.append(person)
        elif home is None:
            if (account, person) not in self._seen:
                merged.joins[person] = None
            elif not known_here:  # They were taken out of one group here and put into another one there.
                merged.findings.append(Finding("CHANGED_ON_BOTH_SIDES", account))
        elif self._sides[home].seen.get(account) == person and not known_here:
            self._move(self._sides[home], merged, account, person)
        elif not known_here:
            merged.findings.append(Finding("CHANGED_ON_BOTH_SIDES", account))

    def _move(self, home: Side, merged: Merged, account: str, person: int) -> None:
        if home.there is None:  # It could not be read whether they have left it.
            merged.findings.append(Finding("MEMBERS_HIDDEN", account))
            return
        merged.joins[person] = home.group_id
        self._merged[home.group_id].moved_away.append(person)

    def _departures(self, side: Side, there: frozenset[str]) -> None:
        merged = self._merged[side.group_id]
        moved = set(merged.moved_away)
        for person, source in side.here.items():
            account = self._accounts.get(person)
            if person in moved or account in there:
                continue
            if account is None:
                left = source is Source.CANVAS and person in side.seen.values()
            else:
                left = side.seen.get(account) == person
            if left:
                merged.leaves.append(person)
        for account, seen in side.seen.items():
            home = self._home.get(seen) if seen is not None else None
            gone = account not in there and account not in self._in
            if gone and home not in (None, side.group_id) and account not in self._sides[home or ""].seen:
                merged.findings.append(Finding("CHANGED_ON_BOTH_SIDES", account))


def _placed(sides: Sequence[Side]) -> dict[str, str]:
    """Canvas account → the first group it is in: pages read while Canvas moves somebody may show two."""
    placed: dict[str, str] = {}
    for side in sides:
        for account in side.there or ():
            placed.setdefault(account, side.group_id)
    return placed
