"""Planning the people of an import."""

from __future__ import annotations

from typing import Any

from db.models import User
from domain.enums import Role
from domain.problems import Problem
from services.access import require_change, require_facility, require_grant
from services.importing.gathering import Wanted
from services.importing.plan import Asking, Diff
from services.user_changes import EMAIL_TAKEN, keys

People = Diff[str, User]
_TAKEN = "There is already a person with that user name."


def plan_people(asking: Asking) -> People:
    """New people and changes of old ones, by the rules of `createUser` and `updateUser`."""
    plan = People()
    doc_ids, emails = dict(asking.state.doc_ids), dict(asking.state.emails)
    by_email = asking.op.engine.subject == "email"
    for key, wanted in asking.found.people.items():
        doc_id = wanted.values.get("doc_id")
        if doc_id is not None and doc_ids.setdefault(doc_id, key) != key:
            asking.refuse(wanted, "doc_id", "There is already a person with that document id.", "doc_id")
        email = wanted.values.get("email") if by_email else None
        if email is not None and emails.setdefault(email, key) != key:
            asking.refuse(wanted, "email", EMAIL_TAKEN.message, "email")
        try:
            row = asking.state.people.get(key)
            if row is None:
                plan.new[key] = _new(asking, wanted)
            else:
                _compare(asking, plan, key, row, wanted)
        except Problem as problem:
            asking.refuse(wanted, problem.path[0] if problem.path else "username", problem.message)
    return plan


def role_of(asking: Asking, plan: People, key: str) -> Role:
    """The role that a person will have; STUDENT for somebody who is refused."""
    row = asking.state.people.get(key)
    if row is not None:
        return row.role
    return Role(plan.new.get(key, {}).get("role", Role.STUDENT))


def _new(asking: Asking, wanted: Wanted) -> dict[str, Any]:
    scope = asking.op.scope
    nothing: dict[str, Any] = {"first_name": "", "last_name": "", "role": Role.STUDENT, "facility_id": None}
    values = {**nothing, **wanted.values}
    if values["facility_id"] is None and not scope.everywhere:
        values["facility_id"] = scope.facility_id
    if not values["first_name"]:
        asking.refuse(wanted, "first_name", "A new person needs a first name.")
    if values["facility_id"] is None and values["role"] is Role.FACILITY_ADMIN:
        asking.refuse(wanted, "facility", "A facility admin needs a facility.", "role")
    require_grant(scope, values["role"], "role")
    require_facility(scope, values["facility_id"], "facility")
    return values | keys(values)


def _compare(asking: Asking, plan: People, key: str, row: User, wanted: Wanted) -> None:
    if not asking.op.scope.covers_facility(row.facility_id):
        asking.refuse(wanted, "username", _TAKEN)
        return
    values = {name: value for name, value in wanted.values.items() if name != "username"}
    if any(getattr(row, name) != value for name, value in values.items()):
        require_change(asking.op.scope, row.role, "username")
        if row.deactivated_at is not None:
            asking.refuse(wanted, "username", "This person is deactivated: reactivate them first.")
        if values.get("role", row.role) is not row.role:
            asking.refuse(wanted, "role", "The role of somebody who is there is not changed by an import.", "role")
    plan.compare(key, row, values)
