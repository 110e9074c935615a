"""What a field costs beyond one point per object, and how long a list without `first` is taken to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLSchema

DEFAULT_LIST = 10
DEFAULT_PAGE = 25


@dataclass(frozen=True, slots=True)
class Weights:
    """Both by `Type.field`, the type being the one that declares the field in the document's place."""

    points: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def unknown(self, schema: GraphQLSchema) -> list[str]:
        """Entries that name no field of the schema: left behind by a rename."""
        known = {
            f"{name}.{field_name}"
            for name, type_ in schema.type_map.items()
            for field_name in getattr(type_, "fields", ())
        }
        return sorted((set(self.points) | set(self.sizes)) - known)
