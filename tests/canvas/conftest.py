"""The stand-in Canvas in-process, and our client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from canvas.calls import Call
from canvas.client import Canvas
from canvas.connection import Connection
from canvas.pool import CanvasPool, PoolSettings
from sandbox.app import Sandbox, create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from tests.canvas.fake import FakeTime

TODAY = date(2026, 3, 2)


class Stand:
    """A sandbox over a world, asked through our pool; waiting costs no time."""

    def __init__(self, world: World, **switches: Any) -> None:
        self.world = world
        self.behaviour = Behaviour(**switches)
        self.app: Sandbox = create_app(world, self.behaviour)
        self.calls: list[Call] = []
        self.pool = CanvasPool(
            PoolSettings(),
            transport=httpx.ASGITransport(self.app),
            timing=FakeTime().timing(),
            on_call=self.calls.append,
        )

    @property
    def canvas(self) -> Canvas:
        return self.pool.canvas(Connection(3, "https://canvas.test", "1", DEFAULT_TOKEN))

    @property
    def bill(self) -> tuple[int, int]:
        """(REST calls, GraphQL calls) so far."""
        kinds = [call.kind for call in self.calls]
        return kinds.count("rest"), kinds.count("graphql")


@pytest.fixture(scope="session")
def large_world() -> World:
    """60 courses with every oddity; not to be changed."""
    return World.generate(seed=3, courses=60, students=400, today=TODAY)


@pytest_asyncio.fixture
async def stand(large_world: World) -> AsyncIterator[Stand]:
    made = Stand(large_world)
    yield made
    await made.pool.aclose()


@pytest_asyncio.fixture
async def small() -> AsyncIterator[Stand]:
    """One course 4821 with four students, one of them in two sections, two staff and a test student; free to change."""
    world = World()
    world.add_course("Welding", id=4821, code="WLD-101", section="A")
    world.add_section(4821, "B", id=992)
    for n in range(1, 5):
        world.add_user(f"Student{n} Reed", id=90 + n, login=f"reed{n}", sis_id=f"D{n}", email=f"reed{n}@school.example")
        world.enrol(4821, 90 + n, created_at=f"2026-01-0{n}T00:00:00Z")
    world.enrol(4821, 91, section_id=992, created_at="2025-12-01T00:00:00Z")
    world.add_user("Pat Ortiz", id=55, login="ortiz")
    world.enrol(4821, 55, type="TeacherEnrollment")
    world.add_user("Mother Reed", id=56)
    world.enrol(4821, 56, type="ObserverEnrollment", associated_user_id=91)
    world.add_user("Test Student", id=57)
    world.enrol(4821, 57, type="StudentViewEnrollment")
    made = Stand(world)
    yield made
    await made.pool.aclose()
