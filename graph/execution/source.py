"""The functions of a plan, as Python source: attributes read and checked in a row, the rest called field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLOutputType
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.execution.leaves import UNUSUAL, Unfit, enum_names, leaf
from graph.execution.paths import without_non_null
from graph.execution.plan import Kind, Odd, Plan, Step

_INDENT = "    "


def compile_plan(plan: Plan, careful: Any) -> None:
    """Give the plan its functions. `careful` answers one object in the library's way, step by step."""
    names: dict[str, Any] = {"plan": plan, "careful": careful, "Unfit": Unfit}
    lines = [*_function(plan, names), "", "", *_list_function(plan, names)] if plan.in_a_row else _function(plan, names)
    plan.source = "\n".join(lines) + "\n"
    _run(plan.source, plan.type.name, names)
    plan.build = names["build"]
    if plan.in_a_row:
        plan.build_list = names["build_list"]


def compile_leaves(type_: GraphQLOutputType) -> Callable[[Sequence[Any], Odd], list[Any]]:
    """Make the function that answers many values of a leaf type."""
    names: dict[str, Any] = {}
    lines = [
        "def leaves(values, odd):",
        f"{_INDENT}out = []",
        f"{_INDENT}add = out.append",
        f"{_INDENT}for v0 in values:",
        f"{_INDENT * 2}try:",
        *(f"{_INDENT * 3}{line}" for line in _coerced(0, type_, names)),
        f"{_INDENT * 2}except Exception:",
        f"{_INDENT * 3}v0 = odd(len(out), out)",
        f"{_INDENT * 2}add(v0)",
        f"{_INDENT}return out",
    ]
    _run("\n".join(lines) + "\n", str(type_), names)
    leaves: Callable[[Sequence[Any], Odd], list[Any]] = names["leaves"]
    return leaves


def _run(source: str, name: str, names: dict[str, Any]) -> None:
    exec(compile(source, f"<plan of {name}>", "exec"), names)  # noqa: S102 - names come from the schema.


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
        yield f"{_INDENT}frame.wait_one(plan, source, data, place)"
    yield f"{_INDENT}return data"


def _list_function(plan: Plan, names: dict[str, Any]) -> Iterator[str]:
    """What is odd ends a stretch of objects that wait together: they are asked for in their order."""
    wait = "frame.wait(plan, values, out, places, start, len(out))"
    yield "def build_list(values, cls, cast, places, frame, odd):"
    yield f"{_INDENT}out = []"
    yield f"{_INDENT}add = out.append"
    if plan.batched:
        yield f"{_INDENT}start = 0"
    yield f"{_INDENT}for source in values:"
    yield f"{_INDENT * 2}try:"
    yield f"{_INDENT * 3}if type(source) is not cls or cast and hasattr(source, {TYPE_CAST_ATTRIBUTE!r}):"
    yield f"{_INDENT * 4}raise Unfit"
    for number, step in enumerate(plan.steps):
        if step.kind is Kind.LEAF:
            yield from (f"{_INDENT * 3}{line}" for line in _leaf(number, step, names))
    yield f"{_INDENT * 2}except Exception:"
    if plan.batched:
        yield f"{_INDENT * 3}{wait}"
        yield f"{_INDENT * 3}start = len(out) + 1"
    yield f"{_INDENT * 3}add(odd(len(out), out))"
    yield f"{_INDENT * 3}continue"
    yield f"{_INDENT * 2}add({{{', '.join(_entry(number, step) for number, step in enumerate(plan.steps))}}})"
    if plan.batched:
        yield f"{_INDENT}{wait}"
    yield f"{_INDENT}return out"


def _entry(number: int, step: Step) -> str:
    value = {Kind.LEAF: f"v{number}", Kind.TYPENAME: repr(step.parent_type.name)}.get(step.kind, "None")
    return f"{step.name!r}: {value}"


def _leaf(number: int, step: Step, names: dict[str, Any]) -> Iterator[str]:
    yield f"v{number} = source.{step.attribute}"
    yield from _coerced(number, step.definition.type, names)


def _coerced(number: int, declared: GraphQLOutputType, names: dict[str, Any]) -> Iterator[str]:
    value, coerce = f"v{number}", f"leaf{number}"
    required, type_ = isinstance(declared, GraphQLNonNull), without_non_null(declared)
    names[coerce] = leaf(declared)
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
        yield f"{_INDENT}frame.execute(step{number}, source, data, place)"
