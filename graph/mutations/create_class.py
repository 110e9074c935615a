from __future__ import annotations

from datetime import date
from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef
from graph.enums import ClassStatus
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_key, input_ref, program_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.classes import NativeClass
from services import class_changes

CreateClassError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("CreateClassError", description="Why a class was not created."),
]


@strawberry.input(description="A new class of one of the organisation's programs.")
class CreateClassInput:
    program_id: strawberry.ID = strawberry.field(description="The program. Canvas programs are read-only.")
    facility_id: strawberry.ID = strawberry.field(
        description="Where it is taught. A department admin's class makes its program offered there."
    )
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    status: ClassStatus | None = strawberry.field(
        default=None, description="Left out: SCHEDULED before its first day, else ACTIVE."
    )
    start_date: date | None = strawberry.field(default=None, description="Its first day, in the facility's time zone.")
    end_date: date | None = strawberry.field(default=None, description="Its last day.")
    capacity: int | None = strawberry.field(default=None, description="How many it takes; null: without a limit.")
    credit_hours: float | None = strawberry.field(default=None, description="Credit hours it earns.")
    instructors: list[str] = strawberry.field(default_factory=list, description="The names of those who teach it.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createClass`.")
class CreateClassPayload:
    school_class: NativeClass | None = strawberry.field(name="class", default=None, description="The new class.")
    errors: list[CreateClassError] = errors()


@mutation(CreateClassPayload, "Create a class. Facility admins: at their own facility, of programs offered there.")
async def create_class(info: Info, input: Annotated[CreateClassInput, INPUT]) -> CreateClassPayload | None:
    program = input_ref(input.program_id, "programId", program_ref)
    facility = input_key(input.facility_id, "facilityId", FacilityRef)
    fields = cast("class_changes.ClassFields", fields_of(input, "program_id", "facility_id"))
    ref = await class_changes.create_class(info.context.op, program, facility, fields)
    return CreateClassPayload(school_class=await subject(info, ref, NativeClass))
