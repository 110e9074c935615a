"""Plans for one operation of one document, made when an object first needs them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, TypeGuard

from graphql import GraphQLField, GraphQLList, GraphQLObjectType, is_introspection_type
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet
from strawberry.types.field import StrawberryField

from graph.execution.batches import BatchFunction
from graph.execution.batching import BatchResolver
from graph.execution.concrete import Composite, concrete_type
from graph.execution.frame import Frame, careful
from graph.execution.leaves import is_leaf_shaped
from graph.execution.paths import Place
from graph.execution.plan import Complete, Kind, Plan, Step
from graph.execution.source import compile_plan
from graph.execution.values import completer, completers

if TYPE_CHECKING:
    from graph.execution.executor import ListExecutor

Nodes = int | tuple[int, ...]


class Planner:
    """The plans of an operation, by type and field nodes, for one outcome of its `@skip` and `@include`."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, Nodes], Plan | None] = {}
        self._lists: dict[tuple[int, Nodes], Complete] = {}

    def plan(self, executor: ListExecutor, type_: GraphQLObjectType, details: FieldDetailsList) -> Plan | None:
        """Answer the plan for objects of this type at this field; None where the library has to do it."""
        key = (type_.name, _nodes(details))
        try:
            return self._plans[key]
        except KeyError:
            introspects = is_introspection_type(type_)
            collect = partial(executor.collect_subfields, type_, details)
            plan = self._plans[key] = None if introspects else self._make(executor, type_, collect)
            return plan

    def root(self, executor: ListExecutor, type_: GraphQLObjectType) -> Plan | None:
        """Answer the plan of the operation itself, whose root type this is; None where the library has to do it."""
        key = (type_.name, id(executor.operation))
        try:
            return self._plans[key]
        except KeyError:
            plan = self._plans[key] = self._make(executor, type_, partial(executor.collect_root_fields, type_))
            return plan

    def list_of(
        self, executor: ListExecutor, type_: GraphQLList[Any], details: FieldDetailsList, parent_type: GraphQLObjectType
    ) -> Complete | None:
        """Answer what completes a list of objects at this field."""
        key = (id(type_), _nodes(details))
        complete = self._lists.get(key)
        if complete is None:
            definition = executor.schema.get_field(parent_type, details[0].node.name.value)
            if definition is None or is_leaf_shaped(type_):
                return None
            step = Step(_response_name(details), Kind.NESTED, parent_type, definition, details)
            complete = self._lists[key] = completer(step, type_, self.plan_of)
        return complete

    def plan_of(self, type_: Composite, step: Step, value: Any, place: Place, frame: Frame) -> Plan | None:
        """Answer the plan for all objects of this value's class."""
        runtime = concrete_type(frame.executor, type_, step, value, place)
        return None if runtime is None else self.plan(frame.executor, runtime, step.details)

    def _make(
        self, executor: ListExecutor, type_: GraphQLObjectType, collect: Callable[[], CollectedFields]
    ) -> Plan | None:
        try:
            fields = collect().grouped_field_set
        except Exception:  # noqa: BLE001 - the library finds the same error and words it.
            return None
        plan = Plan(type_, self.steps(executor, type_, fields))
        compile_plan(plan, careful)
        return plan

    def steps(self, executor: ListExecutor, type_: GraphQLObjectType, fields: GroupedFieldSet) -> list[Step]:
        """Answer how each field gets its value. A field the schema does not know is left out, as the library does."""
        definitions = {
            name: executor.schema.get_field(type_, found[0].node.name.value) for name, found in fields.items()
        }
        return [
            self._step(executor, name, type_, definition, fields[name])
            for name, definition in definitions.items()
            if definition is not None
        ]

    def _step(
        self,
        executor: ListExecutor,
        name: str,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        details: FieldDetailsList,
    ) -> Step:
        if details[0].node.name.value == "__typename":
            return Step(name, Kind.TYPENAME, type_, definition, details)
        step = Step(name, Kind.RESOLVED, type_, definition, details)
        field = definition.extensions.get("strawberry-definition")
        if _is_attribute(field, definition.resolve):
            step.kind = Kind.LEAF if is_leaf_shaped(definition.type) else Kind.NESTED
            step.attribute = field.python_name
        elif executor.calls_batches and (batch := _batch_of(field)) is not None:
            step.kind, step.batch = Kind.BATCHED, batch
        if step.kind is not Kind.LEAF:
            step.complete, step.complete_many = completers(step, definition.type, self.plan_of, shares=True)
        return step


def _is_attribute(field: object, resolve: Callable[..., Any] | None) -> TypeGuard[StrawberryField]:
    """A field the library itself would read by plain `getattr`, with nothing around it."""
    return (
        isinstance(field, StrawberryField)
        and field.is_basic_field
        and getattr(resolve, "_is_default", False)
        and field.default_resolver is getattr
        and field.python_name.isidentifier()
        and not iskeyword(field.python_name)
    )


def _batch_of(field: object) -> BatchFunction | None:
    if not isinstance(field, StrawberryField) or field.extensions:
        return None
    return field.base_resolver.batch if isinstance(field.base_resolver, BatchResolver) else None


def _nodes(details: FieldDetailsList) -> Nodes:
    return id(details[0].node) if len(details) == 1 else tuple(id(detail.node) for detail in details)


def _response_name(details: FieldDetailsList) -> str:
    node = details[0].node
    return node.alias.value if node.alias else node.name.value
