"""Which plan an object gets, decided once for each Python class where the class alone decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, Undefined
from strawberry.types.base import StrawberryObjectDefinition, has_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.execution.paths import Place, as_path, field_path
from graph.execution.plan import Plan, Step

if TYPE_CHECKING:
    from graph.execution.executor import ListExecutor
    from graph.execution.frame import Frame

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
# (type at that place, the field, the object, its place, the frame) -> the plan for all objects of its class, or None
PlanOfClass: TypeAlias = "Callable[[Composite, Step, Any, Place, Frame], Plan | None]"


def concrete_type(
    executor: ListExecutor, type_: Composite, step: Step, value: Any, place: Place
) -> GraphQLObjectType | None:
    """Answer the type of every object of this class as the library resolves it, or None if that may vary or fails."""
    if value is None or value is Undefined or isinstance(value, Exception) or executor.is_awaitable(value):
        return None
    if isinstance(type_, GraphQLObjectType) and type_.is_type_of is None:
        return type_
    if hasattr(value, TYPE_CAST_ATTRIBUTE):
        return None
    path = field_path(as_path(place))
    info = executor.build_resolve_info(step.definition, step.nodes, step.parent_type, path)
    try:
        runtime = type_ if isinstance(type_, GraphQLObjectType) else _resolved(executor, type_, step, value, info)
        if runtime is None or not _decided_by_class(runtime):
            return None
        return runtime if runtime.is_type_of is None or runtime.is_type_of(value, info) is True else None
    except Exception:  # noqa: BLE001 - the library finds the same error and words it.
        return None


def _resolved(
    executor: ListExecutor, type_: GraphQLInterfaceType | GraphQLUnionType, step: Step, value: Any, info: Any
) -> GraphQLObjectType | None:
    if type_.resolve_type is None or not has_object_definition(type(value)):
        return None
    possible = executor.schema.get_possible_types(type_)
    if not _resolves_by_class(type_) or not all(_decided_by_class(each) for each in possible):
        return None
    name = type_.resolve_type(value, info, type_)
    if not isinstance(name, str):
        return None
    return executor.ensure_valid_runtime_type(name, type_, step.details, info, value)


def _resolves_by_class(type_: GraphQLInterfaceType | GraphQLUnionType) -> bool:
    definition = type_.extensions.get("strawberry-definition")
    if isinstance(definition, StrawberryObjectDefinition):
        return definition.resolve_type is None
    return definition is not None


def _decided_by_class(type_: GraphQLObjectType) -> bool:
    definition = type_.extensions.get("strawberry-definition")
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.is_type_of is None
        and definition.concrete_of is None
    )
