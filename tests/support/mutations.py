"""Asking for one mutation, and seeing whether anything was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.models import User, tables
from tests.support.house import House


@dataclass(frozen=True)
class Reply:
    """A mutation's payload: `subject` is what was selected beside the errors."""

    subject: dict[str, Any]
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        return [error["__typename"] for error in self.errors]

    @property
    def paths(self) -> list[list[str] | None]:
        return [error["path"] for error in self.errors]


async def ask(house: House, viewer: User | None, mutation: str, selection: str, **given: Any) -> Reply:
    """Run `mutation(input: given)` as a person, selecting `selection` of its payload."""
    kind = mutation[0].upper() + mutation[1:]
    document = f"""mutation M($input: {kind}Input!) {{ answer: {mutation}(input: $input) {{ {selection}
      errors {{ __typename ... on UserError {{ message path }} }} }} }}"""
    data = await house.data(document, viewer, input=given)
    answer = data["answer"]
    return Reply(answer, answer.pop("errors"))


async def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, to compare before and after: nothing half-written."""
    return {model.__name__: await model.all().order_by(model._meta.pk_attr).values() for model in tables()}
