"""The function of a plan, as Python source: attributes read and checked in a row, the rest called field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLEnumType, GraphQLNonNull

from graph.execution.leaves import UNUSUAL, enum_names, leaf
from graph.execution.paths import without_non_null
from graph.execution.plan import Kind, Plan, Step

_INDENT = "    "


def compile_plan(plan: Plan, careful: Any) -> None:
    """Give the plan its `build`. `careful` does the same for one object in the library's way, step by step."""
    names: dict[str, Any] = {"plan": plan, "careful": careful}
    plan.source = "\n".join(_function(plan, names)) + "\n"
    exec(compile(plan.source, f"<plan of {plan.type.name}>", "exec"), names)  # noqa: S102 - names come from the schema.
    plan.build = names["build"]


def _function(plan: Plan, names: dict[str, Any]) -> Iterator[str]:
    yield "def build(source, place, frame):"
    leaves = [(number, step) for number, step in enumerate(plan.steps) if step.kind is Kind.LEAF]
    if leaves:
        yield f"{_INDENT}try:"
        for number, step in leaves:
            yield from (f"{_INDENT * 2}{line}" for line in _leaf(number, step, names))
        yield f"{_INDENT}except Exception:"
        yield f"{_INDENT * 2}return careful(plan, source, place, frame)"
    yield f"{_INDENT}data = {{{', '.join(_entry(number, step) for number, step in enumerate(plan.steps))}}}"
    for number, step in enumerate(plan.steps):
        yield from (f"{_INDENT}{line}" for line in _call(number, step, names))
    if plan.batched:
        yield f"{_INDENT}frame.waiting[plan].append((source, data, place))"
    yield f"{_INDENT}return data"


def _entry(number: int, step: Step) -> str:
    value = {Kind.LEAF: f"v{number}", Kind.TYPENAME: repr(step.parent_type.name)}.get(step.kind, "None")
    return f"{step.name!r}: {value}"


def _leaf(number: int, step: Step, names: dict[str, Any]) -> Iterator[str]:
    value, coerce = f"v{number}", f"leaf{number}"
    required, type_ = isinstance(step.definition.type, GraphQLNonNull), without_non_null(step.definition.type)
    names[coerce] = leaf(step.definition.type)
    yield f"{value} = source.{step.attribute}"
    guard = "" if required else f"if {value} is not None: "
    if type_ in UNUSUAL:
        unusual = UNUSUAL[type_].format(v=value)
        yield f"if {unusual}:" if required else f"if {value} is not None and ({unusual}):"
        yield f"{_INDENT}{value} = {coerce}({value})"
    elif isinstance(type_, GraphQLEnumType):
        names[f"names{number}"] = enum_names(type_)
        yield f"{guard}{value} = names{number}.get(id({value})) or {coerce}({value})"
    else:
        yield f"{guard}{value} = {coerce}({value})"


def _call(number: int, step: Step, names: dict[str, Any]) -> Iterator[str]:
    if step.kind in (Kind.TYPENAME, Kind.LEAF):
        return
    names[f"step{number}"] = step
    if step.kind is Kind.NESTED:
        names[f"complete{number}"] = step.complete
        spot = f"(place, {step.name!r}, step{number})"
        yield "try:"
        yield f"{_INDENT}data[{step.name!r}] = complete{number}(source.{step.attribute}, {spot}, frame, data)"
        yield "except Exception as error:"
        yield f"{_INDENT}frame.failed(step{number}, error, {spot})"
    elif step.kind is Kind.RESOLVED:
        yield f"frame.resolve(step{number}, source, data, place)"
    elif step.takes_arguments:
        yield f"if frame.arguments(step{number}, place) is None:"
        yield f"{_INDENT}frame.resolve(step{number}, source, data, place)"
