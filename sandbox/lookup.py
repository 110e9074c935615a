"""Ids as Canvas takes them in a URL: plain, `shard~local`, SIS forms and `self`."""

from __future__ import annotations

import re
from typing import TypeVar

from sandbox.refusals import Refusal, not_found
from sandbox.world import World
from sandbox.world import rows as r
from sandbox.world.tables import ROOT_ID

SHARD = 10**13
Row = TypeVar("Row")
SisRow = TypeVar("SisRow", r.Category, r.Group)


def plain_id(text: str) -> int | None:
    """`12` or `321~12` as a number."""
    found = re.fullmatch(r"(?:(\d+)~)?(\d+)", text)
    return int(found[1] or 0) * SHARD + int(found[2]) if found else None


class Lookup:
    """Rows by what a client wrote; unknown ones raise Canvas's 404."""

    def __init__(self, world: World, user_id: int) -> None:
        self._world = world
        self._user_id = user_id

    def account(self, text: str) -> r.Account:
        world = self._world
        if text in {"self", "default"}:
            return world.accounts[ROOT_ID]
        if text.startswith("sis_account_id:"):
            wanted = text.partition(":")[2]
            return _found(next((row for row in world.accounts.values() if row.sis_id == wanted), None))
        return _found(world.accounts.get(plain_id(text) or 0))

    def course(self, text: str) -> r.Course:
        """A course; deleted ones are found too, the caller's rights decide."""
        if text.startswith("sis_course_id:"):
            wanted = text.partition(":")[2]
            return _found(next((row for row in self._world.courses.values() if row.sis_id == wanted), None))
        return _found(self._world.courses.get(plain_id(text) or 0))

    def section(self, text: str) -> r.Section:
        return _found(self._world.sections.get(plain_id(text) or 0))

    def user(self, text: str) -> r.User:
        """A person who is not deleted."""
        row = self.any_user(text)
        if row.state == r.DELETED:
            raise not_found()
        return row

    def any_user(self, text: str) -> r.User:
        """A person, deleted ones included."""
        if text == "self":
            return self._world.users[self._user_id]
        kind, _, wanted = text.partition(":")
        if kind.lower() in {"sis_user_id", "sis_login_id"}:
            return self._world.users[_found(self._login(kind.lower(), wanted)).user_id]
        return _found(self._world.users.get(plain_id(text) or 0))

    def category(self, text: str) -> r.Category:
        """A group set; unknown and deleted ones have a 404 body of their own."""
        row = self._by_sis(self._world.categories, text, "sis_group_category_id:")
        if row is None or row.state == r.DELETED:
            raise Refusal(404, {"status": "not found"})
        return row

    def group(self, text: str) -> r.Group:
        row = _found(self._by_sis(self._world.groups, text, "sis_group_id:"))
        if row.state == r.DELETED:
            raise not_found()
        return row

    def event(self, text: str) -> r.Event:
        return _found(self._world.events.get(plain_id(text) or 0))

    def _login(self, kind: str, wanted: str) -> r.Login | None:
        rows = (row for row in self._world.logins.values() if row.state == "active")
        if kind == "sis_user_id":
            return next((row for row in rows if row.sis_user_id == wanted), None)
        return next((row for row in rows if row.unique_id.lower() == wanted.lower()), None)

    @staticmethod
    def _by_sis(rows: dict[int, SisRow], text: str, prefix: str) -> SisRow | None:
        if text.startswith(prefix):
            wanted = text.removeprefix(prefix)
            return next((row for row in rows.values() if row.sis_id == wanted), None)
        return rows.get(plain_id(text) or 0)


def _found(row: Row | None) -> Row:
    if row is None:
        raise not_found()
    return row
