"""A small hand-made Canvas, asked in-process; `canvas` asks it over a real connection with a client that is not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from canvasapi import Canvas

from sandbox.app import Sandbox, create_app
from sandbox.behaviour import DEFAULT_TOKEN
from sandbox.server import serving
from sandbox.world import World


@pytest.fixture
def world() -> World:
    """One course of five students, one of them in two sections."""
    made = World()
    made.add_course("Welding", id=4821, code="WLD-101", sis_id="WLD-101-26S", section="A")
    made.add_section(4821, "B", id=992)
    for n in range(1, 6):
        made.add_user(
            f"Student{n} Reed", id=90 + n, login=f"reed{n}", sis_id=f"D{n:05d}", email=f"reed{n}@school.example"
        )
        made.enrol(4821, 90 + n, created_at=f"2026-01-0{n}T00:00:00Z")
    made.enrol(4821, 91, section_id=992, created_at="2026-02-01T00:00:00Z")
    made.add_user("Pat Ortiz", id=55, login="ortiz")
    made.enrol(4821, 55, type="TeacherEnrollment")
    return made


@pytest.fixture
def app(world: World) -> Sandbox:
    return create_app(world)


@pytest_asyncio.fixture
async def client(app: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://canvas.test", headers=headers) as made:
        yield made


@pytest.fixture
def canvas(app: Sandbox) -> Iterator[Canvas]:
    """The independent client over a real connection. It warns of plain http, which is all there is on loopback."""
    with serving(app) as url, pytest.warns(UserWarning, match="may respond unexpectedly"):
        yield Canvas(url, DEFAULT_TOKEN)
