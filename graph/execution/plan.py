"""What is done for every object of one type at one place of a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

from graph.execution.batches import BatchFunction
from graph.execution.paths import Place

if TYPE_CHECKING:
    from graph.execution.frame import Frame
    from graph.execution.places import Places

# (value, its place, the frame, the dict or list that will hold it) -> what is answered
Complete: TypeAlias = "Callable[[Any, Place, Frame, Any], Any]"
# (object, its place, the frame) -> its answer
Build: TypeAlias = "Callable[[Any, Place, Frame], dict[str, Any]]"
# (the index of a value that is not as usual, the list the answers go into) -> what is answered
Odd = Callable[[int, list[Any]], Any]
# (values, their places, the frame, what completes those that are not as usual) -> what is answered
CompleteMany: TypeAlias = "Callable[[Sequence[Any], Places, Frame, Odd], list[Any]]"
# (objects, their class, whether single ones may be cast to another type, as above) -> their answers
BuildList: TypeAlias = "Callable[[Sequence[Any], type, bool, Places, Frame, Odd], list[Any]]"


class Kind(Enum):
    """How a field gets its value."""

    TYPENAME = "type name"
    LEAF = "attribute"
    NESTED = "attribute with objects"
    BATCHED = "one call"
    RESOLVED = "resolver"


Class = type
IN_A_ROW = (Kind.TYPENAME, Kind.LEAF, Kind.BATCHED)


@dataclass(slots=True, eq=False)
class Step:
    """One field of the answer. `complete` turns its value into what is answered; of a LEAF and a TYPENAME the plan knows how.

    `complete_many`: all of them in one go, where there is a way.
    """

    name: str
    kind: Kind
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    attribute: str = ""
    batch: BatchFunction | None = None
    complete: Complete = field(init=False)
    complete_many: CompleteMany | None = None

    @property
    def nodes(self) -> list[FieldNode]:
        return [detail.node for detail in self.details]

    @property
    def takes_arguments(self) -> bool:
        return bool(self.definition.args)


@dataclass(slots=True, eq=False)
class Plan:
    """The fields of one object type in one selection, and the functions made of them, for one object and for many.

    `in_a_row`: many may be read without a look at each one's surroundings. `shareable`: by class, whether one answer will do
    for an object wherever it stands.
    """

    type: GraphQLObjectType
    steps: list[Step]
    source: str = ""
    shareable: dict[Class, bool] = field(default_factory=dict)
    batched: list[Step] = field(init=False)
    in_a_row: bool = field(init=False)
    build: Build = field(init=False)
    build_list: BuildList = field(init=False)

    def __post_init__(self) -> None:
        self.batched = [step for step in self.steps if step.kind is Kind.BATCHED]
        self.in_a_row = all(step.kind in IN_A_ROW for step in self.steps)
