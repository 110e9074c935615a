from __future__ import annotations

from typing import Annotated

import strawberry

from graph.enums import EnrollmentStatus
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import enrollment_ref, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.enrollment import Enrollment
from services import enrollment_changes

UpdateEnrollmentError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ReadOnlyError
    | NotAStudentError
    | ConflictError,
    strawberry.union("UpdateEnrollmentError", description="Why an enrolment was not changed."),
]


@strawberry.input(description="Where a person is in a class now.")
class UpdateEnrollmentInput:
    id: strawberry.ID = strawberry.field(description="The enrolment. One in Canvas is read-only.")
    status: EnrollmentStatus = strawberry.field(
        description="Anything but ENROLLED ends the enrolment now; ENROLLED takes that back where there is a seat."
    )
    reason: str | None = strawberry.field(default=None, description="Why, for the enrolment's history.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateEnrollment`.")
class UpdateEnrollmentPayload:
    enrollment: Enrollment | None = strawberry.field(default=None, description="The enrolment as it is now.")
    errors: list[UpdateEnrollmentError] = errors()


@mutation(
    UpdateEnrollmentPayload,
    "Say how a person left a class, or that they did not. Facility admins: for their own people.",
)
async def update_enrollment(
    info: Info, input: Annotated[UpdateEnrollmentInput, INPUT]
) -> UpdateEnrollmentPayload | None:
    ref = input_ref(input.id, "id", enrollment_ref)
    changed = await enrollment_changes.update_enrollment(info.context.op, ref, input.status, input.reason)
    return UpdateEnrollmentPayload(enrollment=await subject(info, changed, Enrollment))
