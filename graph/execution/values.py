"""Completing values: objects by the plan of their class, lists item by item, anything unexpected by the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.execution.leaves import is_leaf_shaped, leaf
from graph.execution.many import of_leaves, of_objects, one_by_one
from graph.execution.paths import Place, without_non_null
from graph.execution.places import Items
from graph.execution.plan import Complete, CompleteMany, Plan, Step

if TYPE_CHECKING:
    from graph.execution.concrete import PlanOfClass
    from graph.execution.frame import Frame


def completer(step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> Complete:
    """Make the function that completes a value of the field `step` (or of a list in it) whose type is `type_`."""
    return completers(step, type_, plan_of)[0]


def completers(
    step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass, *, shares: bool = False
) -> tuple[Complete, CompleteMany | None]:
    """And the one that completes many of them in one go, where there is a way."""
    if is_leaf_shaped(type_):
        return _leaf(step, type_), of_leaves(type_)
    if not isinstance(without_non_null(type_), GraphQLList):
        objects = Objects(step, type_, plan_of)
        return objects.complete, of_objects(objects, shares=shares)
    return _list(step, type_, plan_of), None


def _leaf(step: Step, type_: GraphQLOutputType) -> Complete:
    coerce = leaf(type_)

    def complete(value: Any, place: Place, frame: Frame, box: Any) -> Any:
        try:
            return coerce(value)
        except Exception:  # noqa: BLE001 - the library finds the same error and words it.
            return frame.complete(step, type_, value, place, box)

    return complete


class Objects:
    """Objects of one type at one field. `cast`: single ones may say that they are of another type than their class."""

    def __init__(self, step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> None:
        self._step, self._type, self._plan_of = step, type_, plan_of
        self._plans: dict[type, Plan] = {}
        self._named = without_non_null(type_)
        self.nullable = not isinstance(type_, GraphQLNonNull)
        self.cast = not isinstance(self._named, GraphQLObjectType) or self._named.is_type_of is not None

    def plan(self, value: Any, place: Place, frame: Frame) -> Plan | None:
        """Answer the plan for this object; None where the library has to complete it."""
        plan = self._plans.get(type(value))
        if plan is None or (self.cast and hasattr(value, TYPE_CAST_ATTRIBUTE)):
            plan = self._plan_of(self._named, self._step, value, place, frame)
            if plan is not None:
                self._plans[type(value)] = plan
        return plan

    def complete(self, value: Any, place: Place, frame: Frame, box: Any) -> Any:
        if value is None and self.nullable:
            return None
        plan = self.plan(value, place, frame)
        if plan is None:
            return frame.complete(self._step, self._type, value, place, box)
        return plan.build(value, place, frame)


def _list(step: Step, type_: GraphQLOutputType, plan_of: PlanOfClass) -> Complete:
    nullable = not isinstance(type_, GraphQLNonNull)
    item_type = without_non_null(type_).of_type
    item, items = completers(step, item_type, plan_of)

    def complete(values: Any, place: Place, frame: Frame, box: Any) -> Any:
        if type(values) is not list and type(values) is not tuple:
            return None if values is None and nullable else frame.complete(step, type_, values, place, box)

        def odd(index: int, out: list[Any]) -> Any:
            here = (place, index, None)
            try:
                return item(values[index], here, frame, out)
            except Exception as error:  # noqa: BLE001 - any error of a resolver is a field error.
                frame.item_failed(step, item_type, error, here)
                return None

        return one_by_one(len(values), odd) if items is None else items(values, Items(place), frame, odd)

    return complete
