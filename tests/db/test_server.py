"""In-process tests cannot show it: a real server runs its lifespan and its requests in different contexts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from db import connection
from db.models import Facility
from db.transactions import atomic


async def add(request: Request) -> PlainTextResponse:
    async with atomic():
        await Facility.create(name=request.path_params["name"], sort_key=request.path_params["name"], time_zone="UTC")
    return PlainTextResponse(str(await Facility.all().count()))


def application(url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await connection.connect(url)
        yield
        await connection.disconnect()

    return Starlette(routes=[Route("/{name}", add)], lifespan=lifespan)


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    running = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await asyncio.wait_for(running, 10)
    listener.close()


async def test_the_database_works_in_the_requests_of_a_real_server(database_url: str) -> None:
    async with served(application(database_url)) as address, httpx.AsyncClient(base_url=address) as client:
        answers = await asyncio.gather(*(client.get(f"/{name}") for name in ("a", "b", "c")))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert max(answer.text for answer in answers) == "3"
