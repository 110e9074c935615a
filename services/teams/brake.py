"""The deletion brake (behaviours D-08): what removes too much at once needs a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.enums import Role
from domain.problems import OverrideRequired
from services.access import require_role
from services.operation import Operation

AT_LEAST = 5
SHARE = 0.2
OF_ONE_GROUP = 10


@dataclass(frozen=True, slots=True)
class Removals:
    """What would become of one group: members before, and how many of them would be removed."""

    name: str
    members: int
    removed: int
    is_empty: bool = False
    """Canvas answered nobody."""


def brake(groups: Iterable[Removals]) -> str | None:
    """What trips the brake, in words; None where nothing does. Moves remove nobody."""
    rows = list(groups)
    members, removed = sum(row.members for row in rows), sum(row.removed for row in rows)
    if removed > max(AT_LEAST, SHARE * members):
        return f"{removed} of {members} memberships would be removed."
    for row in rows:
        if row.removed >= OF_ONE_GROUP:
            return f"{row.removed} of the {row.members} members of “{row.name}” would be removed."
        if row.is_empty and row.members >= AT_LEAST and row.removed:
            return f"“{row.name}” had {row.members} members, and Canvas answers that nobody is in it."
    return None


def require_override(tripped: str | None, reason: str | None) -> None:
    """Raise OverrideRequired where the brake trips and nobody gave a reason."""
    if tripped is not None and not (reason or "").strip():
        raise OverrideRequired(f"{tripped} Give a reason to do it all the same.", ["override"])


def may_override(op: Operation, reason: str | None) -> None:
    """Errors: NotAllowed for an override by anybody below a department admin."""
    if reason is not None:
        require_role(op.scope, Role.DEPARTMENT_ADMIN, "override the deletion brake")
