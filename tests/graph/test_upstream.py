"""`explain` counts the requests to Canvas before anything runs: what operations really read holds it to that."""

from __future__ import annotations

import json
from typing import Any

from db.models import User
from graph import upstream
from graph.execution.explain import explain
from graph.explorer.page import dated
from graph.schema import schema
from tests.graph.execution.test_examples import EXAMPLES, _people
from tests.support.house import NOON, House

SDL = schema._schema
ASKED = {
    "metrics": "{ programs { nodes { metrics { activeEnrollmentCount } classes(first: 3) { totalCount } } } }",
    "counts": "{ classes(first: 100) { nodes { instructors enrolledCount roster(first: 5) { totalCount } } } }",
    "risk": "{ classes(first: 5) { nodes { atRisk { __typename } } } }",
    "schedules": "{ classes(first: 5) { nodes { schedule { text } } } }",
    "links": "{ users(first: 40) { nodes { enrollments { nodes { class { name } } } } } }",
    "report": "{ providers { unlinkedStudentCount canvasUsers { totalCount } } }",
}


def told(document: str, variables: dict[str, Any] | None = None, operation: str | None = None) -> list[str]:
    found = explain(SDL, document, variables=variables, operation_name=operation, told=upstream.told)
    return found.partition("\n\n")[2].splitlines()


def test_a_page_of_counts_asks_for_rosters_fifty_at_a_time() -> None:
    assert told("{ classes(first: 120) { edges { node { enrolledCount completedCount } } } }") == [
        "Of each Canvas, where nothing is in memory:",
        "  courses: 1 for every 100 rows of GET accounts/:id/courses",
        "  roster: at most 3 of POST api/graphql",
    ]


def test_what_is_all_ours_asks_canvas_nothing() -> None:
    assert told("{ viewer { role } facilities { name rooms { name } } }") == ["Canvas is not asked."]


def test_every_entry_names_a_field_of_the_schema() -> None:
    fields = {f"{name}.{field}" for name, type_ in SDL.type_map.items() for field in getattr(type_, "fields", ())}
    assert sorted(set(upstream.NEEDS) - fields) == []


async def test_no_operation_reads_what_was_not_told(house: House) -> None:
    admin = next(person for person in await _people(house) if person.role.name == "DEPARTMENT_ADMIN")
    for name, example in EXAMPLES.items():
        variables = json.loads(dated(example.variables, NOON.date()) or "{}")
        await _holds(house, admin, name, example.query, variables, name)
    for name, document in ASKED.items():
        await _holds(house, admin, name, document, {})


async def _holds(
    house: House, admin: User, name: str, document: str, variables: dict[str, Any], operation: str | None = None
) -> None:
    context = await house.context(admin)
    await schema.execute(document, variables, context, operation_name=operation)
    read = {kind for _, kind in context.op.loaders.wanted}
    lines = told(document, variables, operation)
    assert read <= {line.strip().partition(":")[0] for line in lines}, (name, lines)
