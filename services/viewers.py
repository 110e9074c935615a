"""From a token's subject to a person: roles and facility come from our database, never from the token."""

from __future__ import annotations

from db.models import User
from db.queries.users import users_by_ids
from domain import rows
from domain.scope import SYSTEM


async def viewer(column: str, subject: str) -> rows.User | None:
    """The active person whose `column` is the subject; None for a stranger and for somebody deactivated.

    Shape: `column` is username, id, doc_id or email. An e-mail that two people share names neither.
    """
    wanted = {"username": ("username_key", subject.casefold()), "id": ("id", subject)}.get(column, (column, subject))
    name, value = wanted
    if name == "id" and not value.isdecimal():
        return None
    found = await User.filter(**{name: value}, deactivated_at=None).limit(2).only("id")
    ids = [row.id for row in found]
    return (await users_by_ids(SYSTEM, ids))[0] if len(ids) == 1 else None
