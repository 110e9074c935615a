"""Group sets, groups and members of many courses at once through Canvas's GraphQL (canvas-api §10.5 B)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from canvas.batches import Batches
from canvas.client import Canvas
from canvas.graphql import Answered
from canvas.group_gathering import Gathered, More, SetInHand
from domain import facts
from domain.errors import UpstreamError, UpstreamUnreadable

COURSES_A_REQUEST = 20
PAGES_A_REQUEST = 20
SET_PAGES_A_REQUEST = 8  # 100 groups of 100 members each weigh 41,000 of Canvas's 375,000.

_FRAGMENTS = """
fragment Groups on GroupConnection {
  nodes { _id name nonCollaborative membersConnection(first: 100) { ...Members } }
  pageInfo { hasNextPage endCursor }
}
fragment Members on GroupMembershipConnection {
  nodes { state user { _id name } }
  pageInfo { hasNextPage endCursor }
}
"""

COURSE_GROUPS = (
    """
query CourseGroups($ids: [ID!]!) {
  courses(ids: $ids) {
    _id
    groupSets { _id name memberLimit selfSignup groupsConnection(first: 100) { ...Groups } }
  }
}
"""
    + _FRAGMENTS
)


async def list_many_course_groups(
    canvas: Canvas, course_ids: Iterable[str]
) -> dict[str, facts.CourseGroups | UpstreamError]:
    """The group sets of many courses with groups and members, one answer or error per course.

    Source: POST /api/graphql `courses(ids:) { groupSets { groupsConnection { membersConnection } } }`, at most 20
            courses a request; connections of more than 100 rows go on by aliases, at most 20 a request
    Shape:  normal sets only: no differentiation tags, no student-organised ones; descriptions are not told.
    Quirk:  UpstreamMissing for a course Canvas leaves out, UpstreamForbidden for sets or groups it may not show; members
            it may not show, and those of a group of which a page failed, are None.
    Errors: GraphqlUnavailable: use `groups.list_course_groups`. UpstreamCredentials, UpstreamBlocked, CircuitOpen.
    """

    async def fetch(batch: list[str]) -> dict[str, facts.CourseGroups | UpstreamError]:
        return await _fetch(canvas, batch)

    return await Batches(fetch, course_ids, COURSES_A_REQUEST).run()


async def _fetch(canvas: Canvas, course_ids: list[str]) -> dict[str, facts.CourseGroups | UpstreamError]:
    answer = await canvas.query(COURSE_GROUPS, {"ids": course_ids})
    courses = answer.data.get("courses")
    if not isinstance(courses, list):
        raise UpstreamUnreadable(canvas.provider, "courses")
    gathered = Gathered(canvas.provider, course_ids)
    for index, course in enumerate(courses):
        if isinstance(course, dict):
            gathered.add_course(str(course.get("_id")), course.get("groupSets"), broke=answer.broke("courses", index))
    while more := gathered.take(PAGES_A_REQUEST, SET_PAGES_A_REQUEST):
        await _fetch_pages(canvas, gathered, more)
    return gathered.answers()


async def _fetch_pages(canvas: Canvas, gathered: Gathered, more: Sequence[More]) -> None:
    variables: dict[str, Any] = {}
    for index, one in enumerate(more):
        variables |= {f"i{index}": one.into.id, f"a{index}": one.cursor}
    document = group_pages(["groups" if isinstance(one.into, SetInHand) else "members" for one in more])
    try:
        answer = await canvas.query(document, variables)
    except UpstreamError as error:
        for one in more:
            gathered.fail_page(one, error)
        return
    _add_pages(gathered, more, answer)


def _add_pages(gathered: Gathered, more: Sequence[More], answer: Answered) -> None:
    for index, one in enumerate(more):
        node = answer.data.get(f"p{index}")
        node = node if isinstance(node, dict) else {}
        if answer.broke(f"p{index}"):
            gathered.fail_page(one, gathered.failure())
        elif isinstance(one.into, SetInHand):
            gathered.add_groups(one.course_id, one.into, node.get("groupsConnection"), after=one.cursor)
        else:
            gathered.add_members(one.course_id, one.into, node.get("membersConnection"), after=one.cursor)


def group_pages(parts: Sequence[str]) -> str:
    """The document for further pages, each of `groups` of a set or of `members` of a group; at most 20 aliases."""
    kinds = {
        "groups": ("GroupSet", "groupsConnection", "Groups"),
        "members": ("Group", "membersConnection", "Members"),
    }
    declared = ", ".join(f"$i{n}: ID!, $a{n}: String!" for n in range(len(parts)))
    pages = "\n".join(
        f"  p{n}: legacyNode(_id: $i{n}, type: {kind}) "
        f"{{ ... on {kind} {{ {connection}(first: 100, after: $a{n}) {{ ...{rows_}}} }} }}"
        for n, (kind, connection, rows_) in enumerate(kinds[part] for part in parts)
    )
    fragments = _FRAGMENTS if "groups" in parts else _FRAGMENTS[_FRAGMENTS.index("fragment Members") :]
    return f"query GroupPages({declared}) {{\n{pages}\n}}\n{fragments}"
