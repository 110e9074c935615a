"""What a field costs beyond one point per object, and how long a list without `first` is taken to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLCompositeType, GraphQLSchema

DEFAULT_LIST = 10
DEFAULT_PAGE = 25
MUTATION = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """By `Type.field`; an interface's entry stands for the types that implement it. Objects of `free` types cost nothing."""

    points: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    free: frozenset[str] = frozenset()

    def point(self, owner: GraphQLCompositeType, name: str, default: int) -> int:
        """The price of one object that this field answers."""
        return _lookup(self.points, owner, name, default)

    def size(self, owner: GraphQLCompositeType, name: str) -> int:
        """Rows that this list is taken to have."""
        return _lookup(self.sizes, owner, name, DEFAULT_LIST)

    def is_frame(self, type_name: str) -> bool:
        """Whether such objects are only the frame or a facet of others."""
        return type_name.endswith("Edge") or type_name == "PageInfo" or type_name in self.free

    def unknown(self, schema: GraphQLSchema) -> list[str]:
        """Entries that name no field of the schema: left behind by a rename."""
        known = {
            f"{name}.{field_name}"
            for name, type_ in schema.type_map.items()
            for field_name in getattr(type_, "fields", ())
        }
        return sorted((set(self.points) | set(self.sizes)) - known)


def _lookup(table: Mapping[str, int], owner: GraphQLCompositeType, name: str, default: int) -> int:
    for type_ in (owner, *getattr(owner, "interfaces", ())):
        found = table.get(f"{type_.name}.{name}")
        if found is not None:
            return found
    return default


HOMEROOM = Weights(
    points={
        "Query.matchReport": 200,
        "Provider.matchReport": 200,
        "Query.calendar": 50,
        "Program.metrics": 5,
        "Class.atRisk": 5,
        "Class.schedule": 2,
    },
    sizes={
        "Query.providers": 5,
        "Query.facilities": 20,
        "Calendar.events": 200,
        "Class.events": 50,
        "Class.enrollmentsByFacility": 4,
        "MatchReport.autoConfirmed": 100,
        "MatchReport.ambiguous": 100,
        "MatchReport.unmatched": 100,
        "MatchCandidate.evidence": 2,
        "MatchCandidate.runnerUps": 3,
        "MatchCandidate.rejected": 1,
        "User.links": 2,
        "User.teams": 3,
        "Team.members": 20,
    },
    free=frozenset({"Freshness", "SourceStatus"}),
)
"""homeroom's own schema: derived numbers, joins over whole calendars and matching are dearer than a row."""
