"""The deletion brake (behaviours D-08): what removes too much at once needs a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.enums import Role
from domain.problems import OverrideRequired
from services.access import require_role
from services.operation import Operation

AT_LEAST = 5
SHARE = 0.2
OF_ONE_GROUP = 10
UNTOLD = "So much would be removed that a department admin has to look at it and give a reason."


@dataclass(frozen=True, slots=True)
class Removals:
    """What would become of one group: members before, and how many of them would be removed."""

    name: str
    members: int
    removed: int
    is_empty: bool = False
    """Canvas answered nobody."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """Of the teams of one class, how many would be deleted because their group is gone, and how many groups there are."""

    teams: int
    deleted: int
    groups: int


def brake(groups: Iterable[Removals], classes: Iterable[Vanished] = ()) -> str | None:
    """What trips the brake, in words; None where nothing does. Moves remove nobody."""
    return _of_members(list(groups)) or _of_teams(list(classes))


def _of_members(rows: Sequence[Removals]) -> str | None:
    members, removed = sum(row.members for row in rows), sum(row.removed for row in rows)
    if removed > max(AT_LEAST, SHARE * members):
        return f"{removed} of {members} memberships would be removed."
    for row in rows:
        if row.removed >= OF_ONE_GROUP:
            return f"{row.removed} of the {row.members} members of “{row.name}” would be removed."
        if row.is_empty and row.members >= AT_LEAST and row.removed:
            return f"“{row.name}” had {row.members} members, and Canvas answers that nobody is in it."
    return None


def _of_teams(rows: Sequence[Vanished]) -> str | None:
    teams, deleted = sum(row.teams for row in rows), sum(row.deleted for row in rows)
    if deleted > max(AT_LEAST, SHARE * teams):
        return f"{deleted} of {teams} teams would be deleted."
    for row in rows:
        if not row.groups and row.deleted >= AT_LEAST:
            return f"A class had {row.teams} teams, and Canvas answers that it has no groups."
    return None


def require_override(tripped: str | None, reason: str | None, *, in_numbers: bool = True) -> None:
    """Raise OverrideRequired where the brake trips and nobody gave a reason.

    Shape: `in_numbers` where whoever asked may know how many people of others there are.
    """
    if tripped is not None and not (reason or "").strip():
        text = f"{tripped} Give a reason to do it all the same." if in_numbers else UNTOLD
        raise OverrideRequired(text, ["override"])


def may_override(op: Operation, reason: str | None) -> None:
    """Errors: NotAllowed for an override by anybody below a department admin."""
    if reason is not None:
        require_role(op.scope, Role.DEPARTMENT_ADMIN, "override the deletion brake")
