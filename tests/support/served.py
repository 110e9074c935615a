"""The whole application behind its real endpoint, in this process: HTTP in, stand-in Canvases out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from db.models import User
from db.sealing import new_key
from graph.app import create_app
from graph.auth import issue_token
from settings import Settings
from tests.support.house import Clock, Held, Hosts, House

SECRET = "an-auth-secret-of-the-tests-0123456789"


@dataclass
class Served:
    """`ask` as a person (None: nobody) and get the HTTP answer; `house` has the Canvases."""

    app: Starlette
    house: House
    http: httpx.AsyncClient
    settings: Settings

    async def ask(
        self, query: str, viewer: User | None, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        sent = dict(headers or {})
        if viewer is not None:
            sent["authorization"] = f"Bearer {issue_token(SECRET, viewer.username)}"
        return await self.http.post("/graphql", json={"query": query, **body}, headers=sent)


@asynccontextmanager
async def served(database_url: str, redis_url: str | None = None, **given: Any) -> AsyncIterator[Served]:
    """The application over a migrated database that nothing has opened."""
    usual: dict[str, Any] = {
        "database_url": database_url,
        "redis_url": redis_url,
        "secret_key": SecretStr(new_key()),
        "auth_secret": SecretStr(SECRET),
        "canvas_allow_networks": "127.0.0.0/8",
        "cold_wait_seconds": 60,  # A busy machine is not a slow Canvas.
    }
    chosen = Settings(**(usual | given))
    hosts, clock = Hosts(), Clock()
    app = create_app(chosen, transport=hosts)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://homeroom") as client:
            yield Served(app, House(app.state.engine, hosts, clock, Held()), client, chosen)
