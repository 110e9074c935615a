"""Completing many values of one type in one go: leaves and objects whose fields are read in a row.

What is not as usual is given back one by one to be completed the careful way: `odd(index, out)` answers it, with its errors
dealt with; `out` is the list that the answers go into.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MemberDescriptorType, NoneType
from typing import TYPE_CHECKING, Any

from graphql import GraphQLOutputType

from graph.execution.leaves import Unfit
from graph.execution.places import Part, Places
from graph.execution.plan import CompleteMany, Kind, Odd, Plan, Step
from graph.execution.source import compile_leaves

if TYPE_CHECKING:
    from graph.execution.frame import Frame
    from graph.execution.values import Objects


def of_leaves(type_: GraphQLOutputType) -> CompleteMany:
    leaves = compile_leaves(type_)

    def complete(values: Sequence[Any], places: Places, frame: Frame, odd: Odd) -> list[Any]:  # noqa: ARG001
        return leaves(values, odd)

    return complete


def of_objects(objects: Objects, *, shares: bool = False) -> CompleteMany:
    """Run by run of one class, which most lists are as a whole. `shares`: the same few objects may be there many times."""

    def complete(values: Sequence[Any], places: Places, frame: Frame, odd: Odd) -> list[Any]:
        classes = set(map(type, values)) - {NoneType}
        if len(classes) == 1:
            return _of_class(objects, next(iter(classes)), values, places, frame, odd, shares=shares)
        out: list[Any] = []
        for cls, run in groupby(values, type):
            start, alike = len(out), list(run)
            out += _of_class(objects, cls, alike, Part(places, start), frame, _Shifted(odd, start, out), shares=shares)
        return out

    return complete


def _of_class(
    objects: Objects, cls: type, values: Sequence[Any], places: Places, frame: Frame, odd: Odd, *, shares: bool
) -> list[Any]:
    first = next((index for index, value in enumerate(values) if value is not None), None)
    plan = None if first is None else objects.plan(values[first], places.at(first), frame)
    if first is None or plan is None or not plan.in_a_row or not _has_arguments(plan, places, frame, first):
        return one_by_one(len(values), odd)
    shared = _shared(plan, cls, objects, values, places, frame) if shares and len(values) > _FEW else None
    return plan.build_list(values, cls, objects.cast, places, frame, odd) if shared is None else shared


@dataclass(frozen=True, slots=True)
class _Shifted:
    """What completes the odd ones of a run that begins at `start`; its answers will go into `whole`."""

    odd: Odd
    start: int
    whole: list[Any]

    def __call__(self, index: int, out: list[Any]) -> Any:
        del out
        return self.odd(self.start + index, self.whole)


def one_by_one(count: int, odd: Odd) -> list[Any]:
    out: list[Any] = []
    for index in range(count):
        out.append(odd(index, out))
    return out


_FEW = 8


def _has_arguments(plan: Plan, places: Places, frame: Frame, index: int) -> bool:
    return all(frame.arguments(step, places.at(index)) is not None for step in plan.batched if step.takes_arguments)


def _shared(
    plan: Plan, cls: type, objects: Objects, values: Sequence[Any], places: Places, frame: Frame
) -> list[Any] | None:
    """Answer each object once, however often it is there; None where that does not pay or may not be done."""
    distinct = dict(zip(map(id, values), values, strict=True))
    if len(distinct) > len(values) // 2 or not _is_shareable(plan, cls):
        return None
    nothing = objects.nullable and distinct.pop(id(None), objects) is None
    try:
        built = plan.build_list(list(distinct.values()), cls, objects.cast, places, frame, _none_is_odd)
    except Unfit:
        return None
    answers: dict[int, Any] = dict(zip(distinct, built, strict=True))
    if nothing:
        answers[id(None)] = None
    return list(map(answers.__getitem__, map(id, values)))


def _none_is_odd(index: int, out: list[Any]) -> Any:  # noqa: ARG001 - none of them will do.
    raise Unfit


def _is_shareable(plan: Plan, cls: type) -> bool:
    """Whether reading the attributes again can answer nothing else: there is no code behind them, and nothing below."""
    known = plan.shareable.get(cls)
    if known is None:
        leaves = [step for step in plan.steps if step.kind is not Kind.TYPENAME]
        stored = all(step.kind is Kind.LEAF and _is_stored(cls, step) for step in leaves)
        known = plan.shareable[cls] = stored and _reads_plainly(cls)
    return known


def _reads_plainly(cls: type) -> bool:
    lookup: Any = inspect.getattr_static(cls, "__getattribute__")
    return lookup is object.__getattribute__ and not hasattr(cls, "__getattr__")


def _is_stored(cls: type, step: Step) -> bool:
    found = inspect.getattr_static(cls, step.attribute, None)
    return isinstance(found, MemberDescriptorType) or not hasattr(found, "__get__")
