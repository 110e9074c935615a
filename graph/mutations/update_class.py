from __future__ import annotations

from datetime import date
from typing import Annotated, cast

import strawberry

from graph.enums import ClassStatus
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.classes import NativeClass
from services import class_changes

UpdateClassError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("UpdateClassError", description="Why a class was not changed."),
]


@strawberry.input(description="What to change about a class.")
class UpdateClassInput:
    id: strawberry.ID = strawberry.field(description="The class. A Canvas class is read-only.")
    name: str | None = changeable("Its name.")
    description: str | None = changeable("What it is about; null for nothing.")
    status: ClassStatus | None = changeable("Where it is in its life. CANCELLED ends its open enrolments as CANCELLED.")
    start_date: date | None = changeable("Its first day; null for none.")
    end_date: date | None = changeable("Its last day; null for none.")
    capacity: int | None = changeable("How many it takes, not fewer than are enrolled; null: without a limit.")
    credit_hours: float | None = changeable("Credit hours it earns; null for none.")
    instructors: list[str] | None = changeable("The names of those who teach it; all of them.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateClass`.")
class UpdateClassPayload:
    school_class: NativeClass | None = strawberry.field(
        name="class", default=None, description="The class as it is now."
    )
    errors: list[UpdateClassError] = errors()


@mutation(UpdateClassPayload, "Change a class. Facility admins: those of their own facility.")
async def update_class(info: Info, input: Annotated[UpdateClassInput, INPUT]) -> UpdateClassPayload | None:
    ref = input_ref(input.id, "id", class_ref)
    fields = cast("class_changes.ClassFields", fields_of(input, "id"))
    changed = await class_changes.update_class(info.context.op, ref, fields)
    return UpdateClassPayload(school_class=await subject(info, changed, NativeClass))
