"""People's enrolments, several people at once through Canvas's GraphQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from canvas import folding
from canvas.batches import Batches
from canvas.client import Canvas
from canvas.enrollment_nodes import enrollment_rows
from canvas.payloads import name
from domain import facts
from domain.errors import UpstreamError

PEOPLE_A_REQUEST = 20

_PERSON = """
fragment Person on User {
  _id
  name
  enrollments { type state createdAt endAt courseSectionId course { _id } }
}
"""


async def list_person_enrollments(
    canvas: Canvas, user_ids: Iterable[str]
) -> dict[str, facts.PersonEnrollments | UpstreamError]:
    """The student enrolments of many people in all courses, one answer or error per person.

    Source: POST /api/graphql `legacyNode(_id:, type: User)` by aliases, at most 20 people a request
    Shape:  active and concluded ones; `name` is None where Canvas shows no such person.
    Quirk:  `User.enrollments` is a plain list: no pages, no limit; courses the key may not see are null and left out.
    Errors: GraphqlUnavailable: use `enrollments.show_person_enrollments`. UpstreamCredentials, UpstreamBlocked.
    """

    async def fetch(batch: list[str]) -> dict[str, facts.PersonEnrollments | UpstreamError]:
        return await _fetch(canvas, batch)

    return await Batches(fetch, user_ids, PEOPLE_A_REQUEST).run()


async def _fetch(canvas: Canvas, user_ids: list[str]) -> dict[str, facts.PersonEnrollments | UpstreamError]:
    variables = {f"u{index}": user_id for index, user_id in enumerate(user_ids)}
    answer = await canvas.query(people_document(len(user_ids)), variables)
    found: dict[str, facts.PersonEnrollments | UpstreamError] = {}
    for index, user_id in enumerate(user_ids):
        if answer.broke(f"p{index}"):
            found[user_id] = UpstreamError(canvas.provider, "GraphQL errors")
        else:
            found[user_id] = _person(user_id, answer.data.get(f"p{index}"))
    return found


def people_document(number: int) -> str:
    """The document for that many people; at most 20 aliases."""
    declared = ", ".join(f"$u{n}: ID!" for n in range(number))
    people = "\n".join(f"  p{n}: legacyNode(_id: $u{n}, type: User) {{ ...Person }}" for n in range(number))
    return f"query People({declared}) {{\n{people}\n}}\n{_PERSON}"


def _person(user_id: str, node: Any) -> facts.PersonEnrollments:
    if not isinstance(node, dict):
        return facts.PersonEnrollments(None, ())
    given = node.get("name")
    return facts.PersonEnrollments(
        name=(name(given) if isinstance(given, str) else None) or f"User {user_id}",
        enrollments=folding.courses_of(enrollment_rows(node.get("enrollments"), user_id=user_id)),
    )
