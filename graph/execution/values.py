"""Completing values: objects by the plan of their class, lists item by item, anything unexpected by the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.execution.leaves import is_leaf_shaped, leaf
from graph.execution.paths import Place, without_non_null
from graph.execution.plan import Complete, Plan, Step

if TYPE_CHECKING:
    from graph.execution.concrete import PlanOfClass
    from graph.execution.frame import Frame


def completer(step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> Complete:
    """Make the function that completes a value of the field `step` (or of a list in it) whose type is `type_`."""
    if is_leaf_shaped(type_):
        return _leaf(step, type_)
    inner = without_non_null(type_)
    if not isinstance(inner, GraphQLList):
        return _object(step, type_, plan_of)
    return _list(step, type_, plan_of)


def _leaf(step: Step, type_: GraphQLOutputType) -> Complete:
    coerce = leaf(type_)

    def complete(value: Any, place: Place, frame: Frame, box: Any) -> Any:
        try:
            return coerce(value)
        except Exception:  # noqa: BLE001 - the library finds the same error and words it.
            return frame.complete(step, type_, value, place, box)

    return complete


def _object(step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> Complete:
    plans: dict[type, Plan] = {}
    nullable = not isinstance(type_, GraphQLNonNull)
    named = without_non_null(type_)
    may_be_cast = not isinstance(named, GraphQLObjectType) or named.is_type_of is not None

    def complete(value: Any, place: Place, frame: Frame, box: Any) -> Any:
        if value is None and nullable:
            return None
        plan = plans.get(type(value))
        if plan is None or (may_be_cast and hasattr(value, TYPE_CAST_ATTRIBUTE)):
            plan = plan_of(named, step, value, place, frame)
            if plan is None:
                return frame.complete(step, type_, value, place, box)
            plans[type(value)] = plan
        return plan.build(value, place, frame)

    return complete


def _list(step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> Complete:
    nullable = not isinstance(type_, GraphQLNonNull)
    item_type = without_non_null(type_).of_type
    item = completer(step, item_type, plan_of)

    def complete(values: Any, place: Place, frame: Frame, box: Any) -> Any:
        if type(values) is not list and type(values) is not tuple:
            return None if values is None and nullable else frame.complete(step, type_, values, place, box)
        out: list[Any] = []
        for index, value in enumerate(values):
            here = (place, index, None)
            try:
                out.append(item(value, here, frame, out))
            except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
                frame.item_failed(step, item_type, error, here)
                out.append(None)
        return out

    return complete
