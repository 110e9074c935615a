"""The teams of one Canvas course as they are here, beside its groups as they are there."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.models import ProviderLink
from db.queries import teams as queries
from domain.facts import CourseGroups, Group, GroupSet
from domain.refs import CanvasClassRef
from domain.teams import Membership, Team, class_key, set_key
from services.teams.brake import Removals, Vanished
from services.teams.merge import Merged, Side, merge

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 500
JOINER = "\u200d"
SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


@dataclass(frozen=True, slots=True)
class Here:
    """Teams by Canvas group id, and their live memberships by team."""

    teams: Mapping[str, Team]
    members: Mapping[int, Sequence[Membership]]


@dataclass(frozen=True, slots=True)
class CanvasGroup:
    """A group with the set it is in, as the columns of a team hold them."""

    set: GroupSet
    group: Group
    class_key: str
    set_key: str

    @property
    def name(self) -> str:
        return cut(self.group.name, LONGEST_NAME) or f"Group {self.group.id}"

    @property
    def description(self) -> str | None:
        return cut(self.group.description, LONGEST_DESCRIPTION)

    @property
    def there(self) -> frozenset[str] | None:
        """The accepted members, None where Canvas hides them."""
        members = self.group.members
        return None if members is None else frozenset(m.user_id for m in members if m.state == "accepted")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides of one course. `gone` are teams whose group Canvas no longer shows."""

    ref: CanvasClassRef
    groups: Mapping[str, CanvasGroup]
    here: Here
    merged: Mapping[str, Merged]
    gone: tuple[Team, ...]

    @property
    def size(self) -> int:
        """How many teams there are to look at."""
        return len(self.groups) + len(self.gone)

    @property
    def changes_members(self) -> bool:
        return any(one.changed for one in self.merged.values())

    @property
    def changes_teams(self) -> bool:
        """Whether a team is to be made, renamed, marked as gone, or found again."""
        return any(team.gone_at is None for team in self.gone) or any(
            differs(self.here.teams.get(id), group) for id, group in self.groups.items()
        )

    @property
    def changes(self) -> bool:
        """Whether anything but the time of the last look is to be written."""
        return self.changes_members or self.changes_teams or self._saw_others

    @property
    def _saw_others(self) -> bool:
        seen = ((one.seen, self.here.teams[id].seen) for id, one in self.merged.items() if id in self.here.teams)
        return any(now is not None and now != before for now, before in seen)

    def removals(self, *, remove_stale: bool) -> list[Removals]:
        """What would be removed, group by group, for the brake."""
        rows = [_removals(self.here, self.groups[id], merged) for id, merged in self.merged.items()]
        if remove_stale:
            held = ((team, len(self.here.members.get(team.id, ()))) for team in self.gone)
            rows += [Removals(team.name, count, count) for team, count in held]
        return rows

    def vanished(self, *, remove_stale: bool) -> Vanished:
        """How many teams would be deleted, for the brake."""
        return Vanished(len(self.here.teams), len(self.gone) if remove_stale else 0, len(self.groups))


async def here_of(provider_id: int, course_ids: Sequence[str]) -> dict[str, Here]:
    """The Canvas teams of many courses with everybody in them.

    Source: one query for teams, one for memberships.
    """
    teams: defaultdict[str, dict[str, Team]] = defaultdict(dict)
    found = await queries.canvas_teams(provider_id, course_ids)
    for team in found:
        teams[team.course_id or ""][team.canvas_group_id or ""] = team
    members: defaultdict[int, list[Membership]] = defaultdict(list)
    for row in await queries.live_memberships([team.id for team in found]):
        members[row.team_id].append(row)
    return {id: Here(teams[id], members) for id in course_ids}


async def linked_people(provider_id: int, accounts: Iterable[str] | None = None) -> dict[str, int]:
    """Canvas account → the person linked to it now, of whatever scope; of those accounts where some are named."""
    live = ProviderLink.filter(provider_id=provider_id, unlinked_at=None)
    if accounts is not None:
        live = live.filter(external_user_id__in=list(accounts))
    return dict(await live.values_list("external_user_id", "user_id"))


def compare(
    ref: CanvasClassRef, there: CourseGroups, here: Here, people: Mapping[str, int], *, student_organized: bool
) -> Comparison:
    """Both sides of one course.

    Quirk:  student-organised groups that were not asked for are not gone.
    """
    key = class_key(ref)
    groups = {
        group.id: CanvasGroup(one, group, key, set_key(one.id, group.id, student_organized=one.student_organized))
        for one in there.sets
        for group in one.groups
    }
    by_set: defaultdict[str, list[Side]] = defaultdict(list)
    for id, group in groups.items():
        by_set[group.set_key].append(_side(id, here, group.there))
    merged = {id: one for sides in by_set.values() for id, one in merge(sides, people).items()}
    gone = tuple(
        team for id, team in here.teams.items() if id not in groups and (student_organized or "/" not in team.set_key)
    )
    return Comparison(ref, groups, here, merged, gone)


def differs(team: Team | None, group: CanvasGroup) -> bool:
    """Whether the team's own columns are not what the group says. A description that was not asked for says nothing."""
    if team is None or team.gone_at is not None:
        return True
    return bool(changed_columns(team, group))


def changed_columns(team: Team, group: CanvasGroup) -> dict[str, str | None]:
    """The columns of the team that the group would change."""
    wanted: dict[str, str | None] = {"name": group.name, "canvas_set_name": group.set.name, "set_key": group.set_key}
    if group.description is not None:
        wanted["description"] = group.description
    return {name: value for name, value in wanted.items() if getattr(team, name) != value}


def cut(text: str | None, longest: int) -> str | None:
    """At most `longest` code points, without splitting what a reader takes for one character; None stays None."""
    whole = text or ""
    end = longest
    while 0 < end < len(whole) and _goes_on(whole, end):
        end -= 1
    return whole[: end or longest].strip() or None


def _goes_on(text: str, at: int) -> bool:
    """Whether the character at that place belongs to the one before: an accent, a skin tone, a joined emoji."""
    return JOINER in text[at - 1 : at + 1] or unicodedata.category(text[at])[0] == "M" or text[at] in SKIN_TONES


def _side(group_id: str, here: Here, there: Collection[str] | None) -> Side:
    team = here.teams.get(group_id)
    if team is None:
        return Side(group_id, {}, {}, None if there is None else frozenset(there))
    members = {row.user_id: row.source for row in here.members.get(team.id, ())}
    return Side(group_id, team.seen or {}, members, None if there is None else frozenset(there))


def _removals(here: Here, group: CanvasGroup, merged: Merged) -> Removals:
    team = here.teams.get(group.group.id)
    members = len(here.members.get(team.id, ())) if team else 0
    return Removals(group.name, members, len(merged.leaves), is_empty=group.there == frozenset())
