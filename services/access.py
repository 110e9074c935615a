"""Who may do what, decided here alone: from the viewer's row to a scope, and from a scope to what it may write."""

from __future__ import annotations

from domain import rows
from domain.enums import Role
from domain.problems import NotAllowed, NotFound
from domain.scope import Scope


def scope_of(user: rows.User) -> Scope:
    """What exists for a person. Department and system admins are not limited by the facility they are in."""
    everywhere = user.role.rank >= Role.DEPARTMENT_ADMIN.rank
    return Scope(user.role, user.id, None if everywhere else user.facility_id)


def require_role(scope: Scope, least: Role, what: str) -> None:
    """Raise NotAllowed for a role below `least`. `what` completes "Your role may not …"."""
    if scope.role.rank < least.rank:
        raise NotAllowed(f"Your role may not {what}.")


def require_facility(scope: Scope, facility_id: int | None, path: str) -> None:
    """Raise NotFound for a facility out of scope: it does not exist for the viewer."""
    if not (scope.is_admin and scope.covers_facility(facility_id)):
        raise NotFound("There is no such facility.", [path])


def require_person(scope: Scope, person: rows.User | None, path: str) -> rows.User:
    """The person, for an admin who may change them: of the own facility, and of no higher role than the own.

    Errors: NotFound out of scope; NotAllowed for a student, and for somebody of a higher role.
    """
    if not scope.is_admin:
        raise NotAllowed("Your role may not change people.")
    if person is None or not scope.covers_facility(person.facility_id):
        raise NotFound("There is no such person.", [path])
    if person.role.rank > scope.role.rank:
        raise NotAllowed("This person's role is above yours.", [path])
    return person


def require_grant(scope: Scope, role: Role, path: str) -> None:
    """Raise NotAllowed for a role the viewer may not give."""
    if not _commands(scope, role):
        raise NotAllowed("You may not give that role.", [path])


def require_change(scope: Scope, role: Role, path: str) -> None:
    """Raise NotAllowed for somebody of a role whose people the viewer may not change."""
    if not _commands(scope, role):
        raise NotAllowed("You may not change people of that role.", [path])


def _commands(scope: Scope, role: Role) -> bool:
    """A facility admin creates and changes students; department and system admins everybody up to their own role."""
    highest = Role.STUDENT if scope.role is Role.FACILITY_ADMIN else scope.role
    return scope.is_admin and role.rank <= highest.rank
