"""Scalars, enums and lists of them: the usual value checked inline, any other put through the type's own coercion."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    is_leaf_type,
)
from strawberry.execution import optimized_is_awaitable

Leaf = Callable[[Any], Any]

# Values of exactly these classes are neither awaitable nor exceptions.
PLAIN = frozenset(
    {
        *(str, int, float, bool, bytes, list, tuple, dict, decimal.Decimal, uuid.UUID),
        *(dt.datetime, dt.date, dt.time, dt.timedelta),
    }
)

# What makes `{v}` something else than a value that these types answer unchanged.
UNUSUAL = {
    GraphQLString: "type({v}) is not str",
    GraphQLID: "type({v}) is not str",
    GraphQLBoolean: "type({v}) is not bool",
    GraphQLInt: "type({v}) is not int or not -2147483648 <= {v} <= 2147483647",
    GraphQLFloat: "type({v}) is not float or {v} - {v} != 0.0",
}


class Unfit(Exception):
    """The value needs the library's own path."""


def is_leaf_shaped(type_: GraphQLOutputType) -> bool:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return is_leaf_type(type_)


def leaf(type_: GraphQLOutputType) -> Leaf:
    """Make the function that turns a value into what is answered, or raises."""
    if isinstance(type_, GraphQLNonNull):
        return _of_nullable(type_.of_type)
    inner = _of_nullable(type_)
    return lambda value: None if value is None else inner(value)


def enum_names(type_: GraphQLEnumType) -> dict[int, str]:
    """Map the identity of each member to its name: members live as long as the schema, and their hash is slow."""
    members = getattr(type_, "wrapped_cls", ())
    return {id(member): type_.coerce_output_value(member) for member in members}


def _of_nullable(type_: Any) -> Leaf:
    if isinstance(type_, GraphQLList):
        return _list(leaf(type_.of_type))
    return _named(type_)


def _list(item: Leaf) -> Leaf:
    def values(value: Any) -> list[Any]:
        if type(value) is not list and type(value) is not tuple:
            raise Unfit
        return [item(entry) for entry in value]

    return values


def _named(type_: GraphQLLeafType) -> Leaf:
    coerce = type_.coerce_output_value

    def answered(value: Any) -> Any:
        if type(value) not in PLAIN and (
            value is None or value is Undefined or isinstance(value, Exception) or optimized_is_awaitable(value)
        ):
            raise Unfit
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unfit
        return coerced

    return answered
