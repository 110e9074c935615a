"""What a push would change there: the same three sides as in a pull, looked at from here. Nothing is read or written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from domain.teams import Move, Planned, Team, TeamChange
from services.teams.own import Within

REASONS = {
    "NOT_LINKED": "Nobody in Canvas is linked to this person.",
    "DEACTIVATED": "This person is deactivated here.",
    "NOT_ENROLLED": "Canvas would drop them: they are not enrolled in the course.",
    "GROUP_FULL": "Canvas would leave them out: the group is full.",
    "OTHER_SECTION": "Canvas would refuse them: they are in another section than the group.",
    "CHANGED_IN_CANVAS": "Somebody changed this in Canvas since the last pull. Pull first.",
    "LINK_CHANGED": "The Canvas account is no longer this person's, or the person is no longer yours to move.",
    "NOT_IN_PLAN": "They are to move to a team that is not in this plan.",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One team, who is in it here, and who is in its group there now."""

    team: Team
    here: frozenset[int]
    there: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may be let in. `sections`: Canvas account → sections, of everybody in the course; `inactive`: people deactivated here."""

    sections: Mapping[str, Collection[str]]
    limits: Mapping[str, int | None] = field(default_factory=dict)
    by_section: Collection[str] = ()
    inactive: Collection[int] = ()


def plan_changes(
    targets: Sequence[Target],
    chosen: Collection[int],
    people: Mapping[str, int],
    rules: Rules,
    within: Within,
) -> list[TeamChange]:
    """The change of every chosen team of one course. `targets`: all its teams; `people`: account → linked person."""
    plan = _Plan(targets, chosen, people, rules, within)
    return [plan.of(target) for target in targets if target.team.id in chosen]


class _Plan:
    def __init__(
        self,
        targets: Sequence[Target],
        chosen: Collection[int],
        people: Mapping[str, int],
        rules: Rules,
        within: Within,
    ) -> None:
        self._chosen, self._rules, self._within = chosen, rules, within
        self._people = people
        self._accounts = {person: account for account, person in people.items()}
        self._home = {(target.team.set_key, person): target for target in targets for person in target.here}
        self._seen = {
            (target.team.set_key, account): target
            for target in targets
            for account, person in (target.team.seen or {}).items()
            if person is not None
        }
        self._in = {(target.team.set_key, account): target for target in targets for account in target.there}

    def of(self, target: Target) -> TeamChange:
        removes, stuck = self._removes(target)
        adds, moves, skipped, keeps = self._arrivals(target, len(removes))
        return TeamChange(
            team_id=target.team.id,
            group_id=target.team.canvas_group_id or "",
            set_id=target.team.canvas_set_id or "",
            there=tuple(sorted(target.there)),
            limit=self._rules.limits.get(target.team.canvas_group_id or ""),
            adds=tuple(adds),
            removes=tuple(removes),
            moves=tuple(moves),
            keeps=keeps,
            skipped=(*skipped, *stuck),
        )

    def _removes(self, target: Target) -> tuple[list[Planned], list[Planned]]:
        removes: list[Planned] = []
        skipped: list[Planned] = []
        for account, person in sorted((target.team.seen or {}).items()):
            if person is None or person in target.here or account not in target.there or not self._within(person):
                continue
            home = self._home.get((target.team.set_key, person))
            if self._people.get(account) != person:
                skipped.append(skip(account, person, "LINK_CHANGED"))
            elif home is None:
                removes.append(Planned(account, person))
            elif home.team.id not in self._chosen:
                skipped.append(skip(account, person, "NOT_IN_PLAN"))
        return removes, skipped

    def _arrivals(self, target: Target, freed: int) -> tuple[list[Planned], list[Move], list[Planned], int]:
        adds: list[Planned] = []
        moves: list[Move] = []
        skipped: list[Planned] = []
        keeps = 0
        limit = self._rules.limits.get(target.team.canvas_group_id or "")
        room = None if limit is None else limit - len(target.there) + freed
        for person in sorted(target.here):
            account = self._accounts.get(person)
            if account in target.there:
                keeps += self._within(person)
            elif self._within(person):
                code = self._obstacle(target, account, person)
                if code is None and room is not None and len(adds) + len(moves) >= room:
                    code = "GROUP_FULL"
                origin = self._in.get((target.team.set_key, account or ""))
                if code is not None:
                    skipped.append(skip(account, person, code))
                elif origin is not None:
                    moves.append(Move(Planned(account, person), origin.team.id))
                else:
                    adds.append(Planned(account, person))
        return adds, moves, skipped, keeps

    def _obstacle(self, target: Target, account: str | None, person: int) -> str | None:
        if account is None:
            return "NOT_LINKED"
        if person in self._rules.inactive:
            return "DEACTIVATED"
        if self._changed_there(target, account, person):
            return "CHANGED_IN_CANVAS"
        if account not in self._rules.sections:
            return "NOT_ENROLLED"
        if target.team.canvas_set_id in self._rules.by_section and not self._shares_section(target, account):
            return "OTHER_SECTION"
        return None

    def _changed_there(self, target: Target, account: str, person: int) -> bool:
        """Whether they were taken out of this group, or put into another one, since the last pull."""
        key = (target.team.set_key, account)
        return (target.team.seen or {}).get(account) == person or self._in.get(key) is not self._seen.get(key)

    def _shares_section(self, target: Target, account: str) -> bool:
        own = set(self._rules.sections[account])
        return all(own & set(self._rules.sections.get(other, own)) for other in target.there)


def skip(account: str | None, person: int | None, code: str) -> Planned:
    """Somebody whom a push would leave alone, and why."""
    return Planned(account, person, code, REASONS[code])
