"""Documents made from the schema, so that a field added tomorrow is asked for by today's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graph.schema import schema

SDL: GraphQLSchema = schema._schema  # the library hides what it runs
Required = Mapping[str, str]
"""Arguments without which a field cannot be asked for: `name` to literal."""

DAYS = {"start": '"2026-03-01"', "end": '"2026-03-31"'}


def selection(
    named: Any, depth: int, given: Required = DAYS, skip: Callable[[str, str], bool] = lambda *_: False
) -> str:
    """Every field of a type that needs no other argument than `given`, so many levels down; empty if there is none."""
    if isinstance(named, GraphQLUnionType):
        return "__typename " + " ".join(_on(of, selection(of, depth, given, skip)) for of in named.types)
    parts = ["__typename", *_fields(named, depth, given, skip, "")]
    if isinstance(named, GraphQLInterfaceType):
        for of in SDL.get_possible_types(named):
            own = {name: field for name, field in of.fields.items() if name not in named.fields}
            parts.append(_on(of, " ".join(_fields(of, depth, given, skip, of.name, own))))
    return " ".join(parts)


def _on(of: GraphQLObjectType, inner: str) -> str:
    return f"... on {of.name} {{ {inner} }}" if inner else ""


def _fields(
    of: GraphQLObjectType | GraphQLInterfaceType,
    depth: int,
    given: Required,
    skip: Callable[[str, str], bool],
    prefix: str,
    fields: Mapping[str, GraphQLField] | None = None,
) -> Iterator[str]:
    for name, field in (of.fields if fields is None else fields).items():
        inner = "" if is_leaf_type(get_named_type(field.type)) else _inner(field, depth, given, skip)
        if skip(of.name, name) or inner is None or not _askable(field, given):
            continue
        yield f"{f'{prefix}_{name}: ' if prefix else ''}{name}{arguments(field, given)}{inner}"


def _inner(field: GraphQLField, depth: int, given: Required, skip: Callable[[str, str], bool]) -> str | None:
    named = get_named_type(field.type)
    connection = named.name.endswith(("Connection", "Edge"))
    if depth == 0 and not connection:
        return None
    return f" {{ {selection(named, depth if connection else depth - 1, given, skip)} }}"


def _askable(field: GraphQLField, given: Required) -> bool:
    return all(name in given for name, argument in field.args.items() if is_required_argument(argument))


def arguments(field: GraphQLField, given: Required) -> str:
    """The required arguments of a field as text."""
    wanted = {name: given[name] for name, argument in field.args.items() if is_required_argument(argument)}
    return f"({', '.join(f'{name}: {literal}' for name, literal in wanted.items())})" if wanted else ""


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every leaf of an answer with its path."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield at, value
        return
    for key, inner in items:
        yield from paths(inner, (*at, key))
