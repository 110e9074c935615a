"""Saying how a document will be executed, without executing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_introspection_type,
    is_list_type,
    is_object_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values

from graph.execution.executor import ListExecutor
from graph.execution.plan import Plan, Step
from graph.execution.planner import Planner
from graph.limits.weights import DEFAULT_PAGE, HOMEROOM

_INDENT = "  "
Met = tuple[Step, int]
"""A field, and how many objects have it at most."""
Told = Callable[[Iterable[Met]], Iterable[str]]


def explain(
    schema: GraphQLSchema,
    document: str,
    *,
    operation_name: str | None = None,
    variables: dict[str, Any] | None = None,
    code: bool = False,
    told: Told | None = None,
) -> str:
    """Print each field and how it gets its value; with `code`, the functions made for the types too. `told` adds lines.

    `attribute` is read from the object, `one call` is made for all objects of the list together (and names the function),
    `resolver` goes object by object through the library. Errors: ValueError with what is wrong with the document.
    """
    try:
        parsed = parse(document)
    except GraphQLError as error:
        raise ValueError(str(error)) from error
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
    explained = _Explained(built, planner)
    fields = built.collect_root_fields(root).grouped_field_set
    lines = [root.name, *explained.steps(planner.steps(built, root, fields), 1, 1, None)]
    after = ["", *told(explained.met)] if told is not None else []
    return "\n".join([*lines, *after, *(explained.sources() if code else ())]) + "\n"


@dataclass(slots=True)
class _Explained:
    executor: ListExecutor
    planner: Planner
    plans: dict[Plan, None] = field(default_factory=dict)
    met: list[Met] = field(default_factory=list)

    def steps(self, steps: list[Step], depth: int, parents: int, page: int | None) -> Iterator[str]:
        """`parents` is how many objects have these fields, at most; `page` how many rows a connection around them has."""
        for step in steps:
            yield f"{_INDENT * depth}{step.name}: {_how(step)}"
            self.met.append((step, parents))
            rows, inner = self._rows(step, parents, page)
            for type_ in self._types(step):
                yield from self._type(type_, step, depth + 1, rows, inner)

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

    def _rows(self, step: Step, parents: int, page: int | None) -> tuple[int, int | None]:
        """How many objects a field answers, and the page size for what a connection holds."""
        given = get_argument_values(step.definition, step.details[0].node, self.executor.variable_values)
        asked = len(given["ids"]) if "ids" in given else given.get("first", DEFAULT_PAGE)
        pages = "first" in step.definition.args or "ids" in step.definition.args
        if not is_list_type(get_nullable_type(step.definition.type)):
            return parents, asked if pages else page
        size = HOMEROOM.size(step.parent_type, step.details[0].node.name.value) if page is None else page
        return parents * (asked if pages else size), None

    def _type(self, type_: GraphQLObjectType, step: Step, depth: int, rows: int, page: int | None) -> Iterator[str]:
        plan = self.planner.plan(self.executor, type_, step.details)
        if plan is not None:
            self.plans[plan] = None
            yield f"{_INDENT * depth}{type_.name}"
            yield from self.steps(plan.steps, depth + 1, rows, page)


def _how(step: Step) -> str:
    called = f", {step.batch.__module__}.{step.batch.__qualname__}" if step.batch is not None else ""
    return f"{step.kind.value}{called}"
