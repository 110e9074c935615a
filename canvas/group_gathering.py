"""Group sets of several courses while their pages come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from canvas.graphql import MOST_PAGES
from canvas.group_memberships import STATES
from canvas.payloads import Id, id_order, id_text, name, rows
from domain import facts
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing, UpstreamUnreadable


class _User(msgspec.Struct):
    id: Id = msgspec.field(name="_id")
    name: str | None = None


class _Member(msgspec.Struct):
    user: _User
    state: str = ""


@dataclass(slots=True)
class GroupInHand:
    """A group whose members may have further pages; None where they are not shown."""

    id: str
    name: str | None
    limit: int | None
    members: list[facts.Member] | None = field(default_factory=list)


@dataclass(slots=True)
class SetInHand:
    """A set whose groups may have further pages."""

    id: str
    name: str | None
    limit: int | None
    self_signup: bool
    groups: list[GroupInHand] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class More:
    """A connection that goes on: of a set's groups (`into` a set) or of a group's members (`into` a group)."""

    course_id: str
    into: SetInHand | GroupInHand
    cursor: str


class Gathered:
    """Sets by course while pages come in, and the courses that failed."""

    def __init__(self, provider: int, course_ids: Iterable[str]) -> None:
        self._provider = provider
        self._sets: dict[str, list[SetInHand]] = {}
        self._more: list[More] = []
        self._asked = list(course_ids)
        self._errors: dict[str, UpstreamError] = {}
        self._pages: Counter[str] = Counter()

    def failure(self) -> UpstreamError:
        return UpstreamError(self._provider, "GraphQL errors")

    def fail(self, course_id: str, error: UpstreamError) -> None:
        self._errors.setdefault(course_id, error)

    def fail_page(self, one: More, error: UpstreamError) -> None:
        """A set whose groups are not all known fails its course; of a group nobody is known then."""
        if isinstance(one.into, GroupInHand):
            one.into.members = None
        else:
            self.fail(one.course_id, error)

    def add_course(self, course_id: str, sets: Any, *, broke: bool) -> None:
        """Take in one course. Null is no right to see its sets, unless an error says that something broke."""
        self._sets[course_id] = []
        if broke:
            self.fail(course_id, self.failure())
        elif not isinstance(sets, list):
            self.fail(course_id, UpstreamForbidden(self._provider, "group sets"))
        else:
            for one in sets:
                if isinstance(one, dict) and (id := id_text(one.get("_id"))) is not None:
                    self._add_set(course_id, id, one)

    def _add_set(self, course_id: str, id: str, payload: dict[str, Any]) -> None:
        signup = payload.get("selfSignup") in ("enabled", "restricted")
        one = SetInHand(id, _name(payload.get("name")), _count(payload.get("memberLimit")), signup)
        self._sets[course_id].append(one)
        self.add_groups(course_id, one, payload.get("groupsConnection"))

    def add_groups(self, course_id: str, into: SetInHand, connection: Any, after: str = "") -> None:
        if not isinstance(connection, dict):
            self.fail(course_id, UpstreamForbidden(self._provider, "groups"))
            return
        for payload in _nodes(connection):
            id = id_text(payload.get("_id"))
            if id is None or payload.get("nonCollaborative") is True:
                continue
            group = GroupInHand(id, _name(payload.get("name")), into.limit)
            into.groups.append(group)
            self.add_members(course_id, group, payload.get("membersConnection"))
        self._go_on(course_id, into, connection, after)

    def add_members(self, course_id: str, into: GroupInHand, connection: Any, after: str = "") -> None:
        if not isinstance(connection, dict) or into.members is None:
            into.members = None
            return
        for one in rows(connection.get("nodes"), _Member):
            if one.state in STATES:
                into.members.append(facts.Member(str(one.user.id), one.state, name(one.user.name)))
        self._go_on(course_id, into, connection, after)

    def _go_on(self, course_id: str, into: SetInHand | GroupInHand, connection: dict[str, Any], after: str) -> None:
        page = connection.get("pageInfo")
        cursor = page.get("endCursor") if isinstance(page, dict) and page.get("hasNextPage") else None
        self._pages[course_id] += 1
        if cursor and (cursor == after or self._pages[course_id] > MOST_PAGES):
            self.fail(course_id, UpstreamUnreadable(self._provider, "cursors in a circle"))
        elif cursor:
            self._more.append(More(course_id, into, str(cursor)))

    def take(self, pages: int, set_pages: int) -> list[More]:
        """The next connections to go on with, of them at most so many of sets; those of failed courses are dropped."""
        waiting = [one for one in self._more if one.course_id not in self._errors]
        sets = [one for one in waiting if isinstance(one.into, SetInHand)][:set_pages]
        groups = [one for one in waiting if isinstance(one.into, GroupInHand)][: pages - len(sets)]
        chosen = sets + groups
        self._more = [one for one in waiting if one not in chosen]
        return chosen

    def answers(self) -> dict[str, facts.CourseGroups | UpstreamError]:
        return {course_id: self._answer(course_id) for course_id in self._asked}

    def _answer(self, course_id: str) -> facts.CourseGroups | UpstreamError:
        if course_id not in self._sets:
            return UpstreamMissing(self._provider, "left out")
        sets = sorted((_group_set(one) for one in self._sets[course_id]), key=lambda one: id_order(one.id))
        return self._errors.get(course_id) or facts.CourseGroups(tuple(sets))


def _group_set(one: SetInHand) -> facts.GroupSet:
    groups = sorted({group.id: _group(group) for group in one.groups}.values(), key=lambda group: id_order(group.id))
    return facts.GroupSet(one.id, one.name, one.self_signup, student_organized=False, groups=tuple(groups))


def _group(group: GroupInHand) -> facts.Group:
    if group.members is None:
        return facts.Group(group.id, group.name, None, group.limit, None)
    once = {member.user_id: member for member in group.members}.values()
    members = tuple(sorted(once, key=lambda member: id_order(member.user_id)))
    return facts.Group(group.id, group.name, None, group.limit, members)


def _nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = connection.get("nodes")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _name(value: Any) -> str | None:
    return name(value) if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
