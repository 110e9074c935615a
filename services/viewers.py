"""From a token's subject to a person: roles and facility come from our database, never from the token."""

from __future__ import annotations

from collections import OrderedDict

from tortoise.exceptions import ValidationError
from tortoise.functions import Count

from db.models import User
from db.queries.users import users_by_ids
from domain import rows
from domain.enums import Role
from domain.refs import number
from domain.scope import SYSTEM, Scope
from domain.texts import is_odd
from services.access import scope_of
from services.snapshots import Snapshot

_REMEMBERED = 10_000


async def viewer(column: str, subject: str) -> rows.User | None:
    """The active person whose `column` is the subject; None for a stranger and for somebody deactivated.

    Shape: `column` is username, id, doc_id or email. An e-mail that two people share names neither.
    """
    if is_odd(subject):
        return None
    wanted = {"username": ("username_key", subject.casefold()), "id": ("id", subject)}.get(column, (column, subject))
    name, value = wanted
    if name == "id" and _number(subject) is None:
        return None
    try:
        found = await User.filter(**{name: value}, deactivated_at=None).limit(2).only("id")
    except ValidationError:
        return None  # Longer than the column.
    ids = [row.id for row in found]
    return (await users_by_ids(SYSTEM, ids))[0] if len(ids) == 1 else None


async def shut_out(column: str) -> tuple[int, int]:
    """How many active people cannot sign in: those who share their e-mail, and the admins who have none.

    Shape: (0, 0) for the other columns: those are unique.
    """
    if column != "email":
        return 0, 0
    active = User.filter(deactivated_at=None)
    shared = active.exclude(email=None).annotate(people=Count("id")).filter(people__gt=1).group_by("email")
    sharing = sum(people for (people,) in await shared.values_list("people"))
    return sharing, await active.filter(email=None).exclude(role=Role.STUDENT).count()


def _number(subject: str) -> int | None:
    try:
        return number(subject)
    except ValueError:
        return None


class Viewers:
    """The people who asked last, looked up anew as soon as anything in the database has changed."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._database = ""
        self._known: OrderedDict[str, rows.User | None] = OrderedDict()

    async def find(self, subject: str, at: Snapshot | None) -> rows.User | None:
        """As `viewer`. `at` was taken when the request had come."""
        if at is None:
            return await viewer(self._column, subject)
        if at.database != self._database:
            self._known.clear()
            self._database = at.database
        if subject in self._known:
            return self._known[subject]
        found = await viewer(self._column, subject)
        if at.database == self._database:
            self._known[subject] = found
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found


async def present_scope(scope: Scope) -> Scope | None:
    """What a viewer's scope has become since; None for somebody who may not use homeroom any more."""
    if scope.user_id is None:
        return scope
    row = next(iter(await users_by_ids(SYSTEM, [scope.user_id])), None)
    return scope_of(row) if row is not None and row.deactivated_at is None else None
