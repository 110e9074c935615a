"""The explorer's examples, over the demo's own data, answered alike by both executors: data, errors, order."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import strawberry
from strawberry.types import ExecutionResult

from db.models import User
from domain.scope import SYSTEM
from graph.explorer.page import dated, examples
from graph.schema import build
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from services import demo
from services.operation import begin
from tests.support.house import NOON, House

EXAMPLES = {example.query.partition("query ")[2].split("(")[0].split()[0]: example for example in examples()}
CANVAS = "https://college.example"


@pytest.fixture
def executors(monkeypatch: pytest.MonkeyPatch) -> dict[str, strawberry.Schema]:
    made = {}
    for name in ("homeroom", "library"):
        monkeypatch.setenv("HOMEROOM_EXECUTOR", name)
        made[name] = build()
    return made


async def _people(house: House) -> list[User]:
    """The demo's viewers, one of each role, in a house full of its data."""
    app = create_app(World.generate(seed=1, courses=8, students=40), Behaviour(throttling=False))
    house.hosts.apps[httpx.URL(CANVAS).host] = httpx.ASGITransport(app=app)
    op = begin(house.engine, SYSTEM)
    seeded = await demo.seed(op, CANVAS, DEFAULT_TOKEN, "https://down.example", demo.Size(people=24, facilities=2))
    return [await User.get(username=name) for name in seeded.users.values()]


async def test_both_executors_answer_every_example_alike(house: House, executors: dict[str, strawberry.Schema]) -> None:
    people = await _people(house)
    for name, example in EXAMPLES.items():
        variables: dict[str, Any] = json.loads(dated(example.variables, NOON.date()) or "{}")
        for viewer in people:
            asked = f"{name} as {viewer.role}"
            answers = []
            await house.run(example.query, viewer, **variables)  # what was cold is in memory from here on
            for schema in executors.values():
                answer = await schema.execute(example.query, variables, await house.context(viewer))
                assert isinstance(answer, ExecutionResult)
                answers.append(
                    (json.dumps(answer.data, default=str), [error.formatted for error in answer.errors or ()])
                )
            assert answers[0] == answers[1], asked
            assert answers[0][0] != "null", asked
            assert answers[0][1] == [], asked
