from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from domain import problems
from domain.refs import NativeEnrollmentRef, UserRef
from graph.enums import EnrollOutcome
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, encode, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.problems import error_of
from graph.mutations.subjects import subject
from graph.nodes import nodes_by_ids
from graph.types.classes import NativeClass
from graph.types.enrollment import Enrollment
from graph.types.node import Node
from services import enrollment_changes

EnrollUsersError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ReadOnlyError
    | NotAStudentError
    | ConflictError,
    strawberry.union("EnrollUsersError", description="Why nobody was enrolled."),
]


@strawberry.input(description="Whom to enrol in which class.")
class EnrollUsersInput:
    class_id: strawberry.ID = strawberry.field(description="The class. A Canvas class is read-only.")
    user_ids: list[strawberry.ID] = strawberry.field(
        description="At most 1,000 people; while seats last, in this order."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What became of one person.")
class EnrollResult:
    user_id: strawberry.ID = strawberry.field(description="The person, as named in the input.")
    outcome: EnrollOutcome = strawberry.field(description="Whether they are in the class now, or why not.")
    enrollment: Enrollment | None = strawberry.field(
        default=None, description="Their enrolment; null where they are not in the class."
    )


@strawberry.type(description="The outcome of `enrollUsers`.")
class EnrollUsersPayload:
    school_class: NativeClass | None = strawberry.field(
        name="class", default=None, description="The class as it is now."
    )
    results: list[EnrollResult] = strawberry.field(
        default_factory=list, description="One per distinct person of the input, in its order."
    )
    errors: list[EnrollUsersError] = errors()


@mutation(
    EnrollUsersPayload,
    "Put people into a class. Some may be enrolled and others not: see `results`; `errors` says why where nobody was. "
    "Facility admins: their own students, into classes of their own facility.",
)
async def enroll_users(info: Info, input: Annotated[EnrollUsersInput, INPUT]) -> EnrollUsersPayload | None:
    school_class = input_ref(input.class_id, "classId", class_ref)
    numbers = {id: _number(id) for id in input.user_ids}
    found = await enrollment_changes.enroll_users(info.context.op, school_class, list(numbers.values()))
    return EnrollUsersPayload(
        school_class=await subject(info, school_class, NativeClass),
        results=await _results(info, numbers, found),
        errors=[await error_of(info, problem) for problem in enrollment_changes.why_nobody(found)],  # type: ignore[misc]
    )


def _number(id: strawberry.ID) -> int:
    """The number of a person; 0, which nobody has, for what is not a person's id."""
    try:
        return input_key(id, "userIds", UserRef)
    except problems.NotFound:
        return 0


async def _results(
    info: Info, numbers: Mapping[strawberry.ID, int], found: Sequence[enrollment_changes.Enrolled]
) -> list[EnrollResult]:
    rows = {row.user_id: row for row in found}
    refs = [row.enrollment for row in found if row.enrollment]
    nodes = dict(zip(refs, await nodes_by_ids(info, [encode(ref) for ref in refs]), strict=True))
    return [
        EnrollResult(user_id=id, outcome=row.outcome, enrollment=_enrollment(row, nodes))
        for id, number in numbers.items()
        for row in [rows[number]]
    ]


def _enrollment(
    row: enrollment_changes.Enrolled, nodes: Mapping[NativeEnrollmentRef, Node | None]
) -> Enrollment | None:
    found = nodes.get(row.enrollment) if row.enrollment else None
    return found if isinstance(found, Enrollment) else None
