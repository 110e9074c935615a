"""What is done for every object of one type at one place of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

from graph.execution.batches import BatchFunction
from graph.execution.paths import Place

if TYPE_CHECKING:
    from graph.execution.frame import Frame

# (value, its place, the frame, the dict or list that will hold it) -> what is answered
Complete: TypeAlias = "Callable[[Any, Place, Frame, Any], Any]"
# (object, its place, the frame) -> its answer
Build: TypeAlias = "Callable[[Any, Place, Frame], dict[str, Any]]"


class Kind(Enum):
    """How a field gets its value."""

    TYPENAME = "type name"
    LEAF = "attribute"
    NESTED = "attribute with objects"
    BATCHED = "one call"
    RESOLVED = "resolver"


@dataclass(slots=True, eq=False)
class Step:
    """One field of the answer. `complete` turns a value of NESTED and BATCHED fields into what is answered."""

    name: str
    kind: Kind
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    attribute: str = ""
    batch: BatchFunction | None = None
    complete: Complete | None = None

    @property
    def nodes(self) -> list[FieldNode]:
        return [detail.node for detail in self.details]

    @property
    def takes_arguments(self) -> bool:
        return bool(self.definition.args)


@dataclass(slots=True, eq=False)
class Plan:
    """The fields of one object type in one selection, and the function made of them."""

    type: GraphQLObjectType
    steps: list[Step]
    source: str = ""
    build: Build = field(init=False)

    @property
    def batched(self) -> list[Step]:
        return [step for step in self.steps if step.kind is Kind.BATCHED]
