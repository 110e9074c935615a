"""Saying how a document will be executed, without executing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_introspection_type,
    is_object_type,
    parse,
    validate,
)
from graphql.execution.collect_fields import collect_fields

from graph.execution.executor import ListExecutor
from graph.execution.plan import Plan, Step
from graph.execution.planner import Planner

_INDENT = "  "


def explain(
    schema: GraphQLSchema,
    document: str,
    *,
    operation_name: str | None = None,
    variables: dict[str, Any] | None = None,
    code: bool = False,
) -> str:
    """Print each field and how it gets its value; with `code`, the functions made for the types too.

    `attribute` is read from the object, `one call` is made for all objects of the list together (and names the function),
    `resolver` goes object by object through the library. Errors: ValueError with what is wrong with the document.
    """
    parsed = parse(document)
    if errors := validate(schema, parsed):
        raise ValueError("\n".join(map(str, errors)))
    built = ListExecutor.build(
        schema, parsed, raw_variable_values=variables, operation_name=operation_name, context_value={}
    )
    if not isinstance(built, ListExecutor):
        raise ValueError("\n".join(map(str, built)) if isinstance(built, list) else str(built))  # noqa: TRY004
    planner = built.planner
    root = schema.get_root_type(built.operation.operation)
    if planner is None or root is None:
        return "everything goes the library's way"
    told = _Explained(built, planner)
    fields = collect_fields(schema, built.fragments, built.variable_values, root, built.operation).grouped_field_set
    lines = [root.name, *told.steps(planner.steps(built, root, fields), 1)]
    return "\n".join([*lines, *(told.sources() if code else ())]) + "\n"


@dataclass(slots=True)
class _Explained:
    executor: ListExecutor
    planner: Planner
    plans: dict[Plan, None] = field(default_factory=dict)

    def steps(self, steps: list[Step], depth: int) -> Iterator[str]:
        for step in steps:
            yield f"{_INDENT * depth}{step.name}: {_how(step)}"
            for type_ in self._types(step):
                yield from self._type(type_, step, depth + 1)

    def sources(self) -> Iterator[str]:
        for plan in self.plans:
            yield f"\n# {plan.type.name}\n{plan.source.rstrip()}"

    def _types(self, step: Step) -> list[GraphQLObjectType]:
        named = get_named_type(step.definition.type)
        if is_introspection_type(named):
            return []
        if is_abstract_type(named):
            return list(self.executor.schema.get_possible_types(named))
        return [named] if is_object_type(named) else []

    def _type(self, type_: GraphQLObjectType, step: Step, depth: int) -> Iterator[str]:
        plan = self.planner.plan(self.executor, type_, step.details)
        if plan is not None:
            self.plans[plan] = None
            yield f"{_INDENT * depth}{type_.name}"
            yield from self.steps(plan.steps, depth + 1)


def _how(step: Step) -> str:
    called = f", {step.batch.__module__}.{step.batch.__qualname__}" if step.batch is not None else ""
    return f"{step.kind.value}{called}"
