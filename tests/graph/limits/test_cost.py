"""What operations may cost, and what they did cost."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from graph.limits.cost import CostPlan, Price
from graph.limits.planner import TooManyFieldsError, plan_cost
from graph.limits.weights import HOMEROOM, Weights
from tests.graph.toy import schema


def planned(text: str, weights: Weights | None = None) -> CostPlan:
    document = parse(text)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return plan_cost(schema._schema, document, operation, weights or Weights())


def price(text: str, weights: Weights | None = None, **variables: object) -> tuple[int, int]:
    found: Price = planned(text, weights).estimate(variables)
    return found.points, found.nodes


@pytest.mark.parametrize(
    ("text", "points", "nodes"),
    [
        ("{ __typename text }", 1, 0),
        ("{ viewer { role } }", 2, 1),
        ("{ things { nodes { id } } }", 1 + 1 + 25, 25),
        ("{ things(first: 3) { edges { cursor node { id } } } }", 1 + 1 + 3, 3),
        ("{ things(first: 10) { nodes { things(first: 4) { nodes { id } } } } }", 1 + 1 + 10 + 10 + 40, 50),
        ("{ things(first: 10) { nodes { itself { itself { id } } } } }", 1 + 1 + 30, 30),
        ("{ all { id } }", 1 + 10, 10),
        ('{ nodes(ids: ["1", "2"]) { id } }', 1 + 2, 2),
        (
            "{ things(first: 2) { ...F ...F nodes { name } } } fragment F on ThingConnection { nodes { id } }",
            1 + 1 + 2,
            2,
        ),
        ("{ __schema { types { fields { name } } } }", 501, 0),
        ('mutation { rename(name: "x") { id } wait }', 1 + 11 + 10, 1),
        ("{ things(first: -5) { nodes { id } } }", 2, 0),
    ],
)
def test_a_point_per_object_that_may_come(text: str, points: int, nodes: int) -> None:
    assert price(text) == (points, nodes)


@pytest.mark.parametrize(
    ("variables", "points"),
    [({}, 9), ({"n": 40}, 42), ({"n": None}, 27), ({"n": "many"}, 27), ({"n": True}, 27), ({"n": 10**30}, 10**30 + 2)],
)
def test_variables_decide_page_sizes(variables: dict[str, object], points: int) -> None:
    assert price("query ($n: Int = 7) { things(first: $n) { nodes { id } } }", **variables)[0] == points


def test_a_list_of_ids_costs_its_length() -> None:
    assert price("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["1"] * 60) == (61, 60)


def test_weights_are_by_field() -> None:
    weights = Weights(points={"Query.viewer": 50, "Thing.name": 2}, sizes={"Query.all": 4})
    assert price("{ viewer { role } }", weights)[0] == 51
    assert price("{ all { id name } }", weights)[0] == 1 + 4 + 8
    assert weights.unknown(schema._schema) == []
    assert Weights(points={"Query.gone": 1}).unknown(schema._schema) == ["Query.gone"]


def test_the_answer_is_priced_by_what_it_holds() -> None:
    plan = planned("{ viewer { role } things(first: 100) { edges { node { things(first: 10) { nodes { id } } } } } }")
    assert plan.estimate({}).points == 1 + 1 + 1 + 100 + 100 + 1000
    rows = [{"node": {"things": {"nodes": [{"id": "1"}] * 2}}}, {"node": {"things": None}}]
    assert plan.actual({"viewer": None, "things": {"edges": rows}}) == 1 + 1 + 2 + 1 + 2
    assert plan.actual(None) == 1


@pytest.mark.timeout(10)
def test_fragments_that_unfold_without_end_are_given_up() -> None:
    bomb = "".join(
        f"fragment F{n} on Thing {{ itself {{ ...F{n + 1} }} things {{ nodes {{ ...F{n + 1} }} }} }} "
        for n in range(40)
    )
    with pytest.raises(TooManyFieldsError):
        planned("{ all { ...F0 } } " + bomb + "fragment F40 on Thing { id }")


def test_an_interfaces_weight_stands_for_what_implements_it() -> None:
    sdl = build_schema(
        "interface Class { events: [Event] schedule: Event } type Event { id: ID fresh: Freshness } type Freshness { state: ID }"
        " type Native implements Class { events: [Event] schedule: Event } type Query { one: Native }"
    )
    document = parse("{ one { events { id fresh { state } } schedule { id } } }")
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    plan = plan_cost(sdl, document, operation, HOMEROOM)
    assert plan.estimate({}).points == 1 + 1 + 50 + 2
