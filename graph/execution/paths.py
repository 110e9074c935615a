"""Where a value stands in the answer, kept as plain tuples until somebody needs to know."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLNonNull, GraphQLOutputType, is_non_null_type
from graphql.pyutils import Path

# (the place around it, field name or list index, the field's Step or None for an index); a Path where a run began.
Place = tuple[Any, str | int, Any]
# Of the answer itself. The library has no path for it.
WHOLE: Any = None


def as_path(place: Place) -> Path:
    """Say the place as the library does, for errors and for its own executor."""
    if type(place) is Path:
        return place
    around, key, step = place
    return Path(None if around is WHOLE else as_path(around), key, None if step is None else step.parent_type.name)


def field_path(path: Path) -> Path:
    """Leave the list indexes away: the path of the field itself."""
    while isinstance(path.key, int) and path.prev is not None:
        path = path.prev
    return path


def without_non_null(type_: GraphQLOutputType) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def may_be_null(place: Place, base: Path | None, base_type: GraphQLOutputType) -> bool:
    """Tell whether the value at a place inside the run that began at `base` may be null."""
    depth = 0
    while place is not base and isinstance(place[1], int):
        depth += 1
        place = place[0]
    step = place[2]
    type_: Any = base_type if place is base else step.definition.type
    for _ in range(depth):
        type_ = without_non_null(type_).of_type
    return not is_non_null_type(type_)


def keys_from(base: Path | None, place: Place) -> list[str | int]:
    keys: list[str | int] = []
    while place is not base:
        keys.append(place[1])
        place = place[0]
    return keys[::-1]
