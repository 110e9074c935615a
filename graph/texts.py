"""Arguments with texts that can be neither kept nor looked for: refused here, for every field there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from graphql import (
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    is_introspection_type,
)

from domain.errors import BadInputError
from domain.texts import ODD, odd_text


def require_plain(arguments: Mapping[str, object]) -> None:
    """Raise BadInputError where one of a field's arguments holds such a text; its path names it."""
    at = odd_text(arguments)
    if at is not None:
        raise BadInputError(ODD, at)


def guard(schema: GraphQLSchema) -> None:
    """Have every field but the mutations, which say so in their payloads, look at its arguments first."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_ is schema.mutation_type or is_introspection_type(type_):
            continue
        for field in type_.fields.values():
            if not any(_takes_text(argument.type) for argument in field.args.values()):
                continue
            field.resolve = _guarded(field.resolve)
            if type_ is schema.subscription_type:
                field.subscribe = _guarded(field.subscribe)


def _guarded(resolver: Callable[..., Any] | None) -> Callable[..., Any]:
    assert resolver is not None  # noqa: S101 - every field with arguments has one.

    @wraps(resolver)
    def resolve(source: object, info: object, **arguments: object) -> Any:
        require_plain(arguments)
        return resolver(source, info, **arguments)

    return resolve


def _takes_text(type_: GraphQLInputType) -> bool:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return any(_takes_text(field.type) for field in named.fields.values())
    return named in (GraphQLString, GraphQLID)
