"""How documents are measured (conventions §4.1)."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, parse

from graph.limits.shape import Shape, shape_of


def measured(text: str) -> Shape:
    document = parse(text)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return shape_of(document, operation)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("{ a }", Shape(1, 0, 1, 0)),
        ("{ a { b { c } } d }", Shape(3, 0, 2, 0)),
        ("{ x: a { y: b } }", Shape(2, 2, 1, 0)),
        ("{ ...F ... on Q { b @skip(if: true) } } fragment F on Q { a { c } }", Shape(2, 0, 2, 1)),
        ("query @a @b { a @c }", Shape(1, 0, 1, 3)),
        (
            "{ __schema { types { fields { type { ofType { ofType { name } } } } } } }",
            Shape(1, 0, 1, 0),
        ),
        ('{ a ...F } fragment F on Q { t: __type(name: "x") { name } }', Shape(1, 1, 2, 0)),
    ],
)
def test_fragments_count_where_they_are_used(text: str, shape: Shape) -> None:
    assert measured(text) == shape


def test_a_fragment_used_twice_counts_twice() -> None:
    assert measured("{ p { ...F } q { ...F } } fragment F on Q { x: a y: b }").aliases == 4


@pytest.mark.timeout(5)
def test_a_bomb_of_fragments_is_measured_at_once() -> None:
    bomb = "".join(f"fragment F{n} on Q {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }} " for n in range(60))
    assert measured("{ ...F0 } " + bomb + "fragment F60 on Q { x: a }") == Shape(61, 2**60, 2, 0)
