"""What all mutations have in common: who may ask at all, problems as data, and a key that makes repeating harmless."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import strawberry

from domain.problems import InvalidInput, Problem
from domain.texts import ODD, input_name, odd_text
from graph.info import Info
from graph.mutations.problems import error_of
from graph.mutations.replay import answer_once

P = TypeVar("P")

INPUT = strawberry.argument(description="What to do, and to what.")
ERRORS = "Why nothing was done; empty when it was."


def idempotency_key() -> Any:
    """The field that every mutation's input has."""
    return strawberry.field(
        default=None,
        description="A text of your own making, such as a UUID. The same mutation with the same key and input is carried out "
        "once, and answers the same for a day.",
    )


def changeable(description: str) -> Any:
    """A field of a changing mutation's input: an object keeps what is left out."""
    return strawberry.field(default=strawberry.UNSET, description=f"{description} Left out: stays as it is.")


def fields_of(input: Any, *others: str) -> dict[str, Any]:
    """What an input says of its object: the fields that are there, but for `others`, which say something else."""
    names = (field.name for field in dataclasses.fields(input) if field.name not in ("idempotency_key", *others))
    return {name: value for name in names if (value := getattr(input, name)) is not strawberry.UNSET}


def errors() -> Any:
    """The field that every mutation's payload has."""
    return strawberry.field(default_factory=list, description=ERRORS)


def mutation(
    payload: type[P], description: str, *, rows: Sequence[str] = ()
) -> Callable[[Callable[[Info, Any], Awaitable[P | None]]], Any]:
    """Make a root mutation field of a function `(info, input) -> payload`.

    A Problem that it raises becomes the payload's one error; the payload's subjects are then null. `rows` are the fields
    of the input whose texts the function itself looks at, row by row.
    """

    def field(function: Callable[[Info, Any], Awaitable[P | None]]) -> Any:
        @wraps(function)
        async def resolve(info: Info, input: Any) -> P | None:
            try:
                _require_plain(input, rows)
                return await answer_once(info, payload, input, lambda: function(info, input))
            except Problem as problem:
                return payload(errors=[await error_of(info, problem)])  # type: ignore[call-arg]

        return strawberry.mutation(resolver=resolve, description=description)

    return field


def _require_plain(input: Any, but: Sequence[str]) -> None:
    at = odd_text({input_name(name): value for name, value in vars(input).items() if name not in but})
    if at is not None:
        raise InvalidInput(ODD, at)
