"""The pages beside the endpoint: what runs here, the schema's text, and whether it is well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from graph.auth import InvalidTokenError, TokenVerifier, bearer
from graph.explorer.assets import asset
from graph.jwks import KeysUnavailableError
from settings import Settings

CHECK_SECONDS = 2.0
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2b36; --paper: #fff; --line: #d5dde3; --accent: #0b6e69; }
@media (prefers-color-scheme: dark) { :root { --ink: #dde6ec; --paper: #1a2129; --line: #37434e; --accent: #4fd1c5; } }
body { margin: 0 auto; max-width: 42rem; padding: 4rem 1.5rem; font: 17px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0; color: var(--accent); } a { color: var(--accent); } code { font-size: .92em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .7rem 1.6rem; margin: 2rem 0; padding-top: 1.6rem; border-top: 1px solid var(--line); }
dd { margin: 0; } footer { color: inherit; opacity: .7; font-size: .85em; }
"""
_HOME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>homeroom</title><style>{style}</style></head><body>
<h1>homeroom</h1>
<p>One GraphQL API over this organisation's own programs, classes, teams and calendar and over those in its Canvas instances.</p>
<dl>
<dt><a href="/graphql">/graphql</a></dt><dd>the API; in a browser, the explorer</dd>
<dt><a href="/schema.graphql">/schema.graphql</a></dt><dd>everything that can be asked, for people and code generators</dd>
<dt><a href="/healthz">/healthz</a></dt><dd>is the process up</dd>
<dt><a href="/readyz">/readyz</a></dt><dd>can it answer, and how each thing it needs is</dd>
</dl>
<footer>homeroom {version}</footer>
</body></html>
"""


class UnwellError(Exception):
    """A dependency is not well; unlike other exceptions' the text may be shown to anybody."""


@dataclass(frozen=True, slots=True)
class Check:
    """`run` answers a word about the dependency, or raises. What is not `required` may be away: we still answer."""

    run: Callable[[], Awaitable[str | None]]
    required: bool = True


def routes(
    settings: Settings,
    *,
    schema: str,
    version: str,
    verifier: TokenVerifier,
    checks: Mapping[str, Check] | None = None,
) -> list[Route]:
    """Everything but `/graphql` itself. `schema` is the SDL."""

    async def home(_: Request) -> Response:
        page = _HOME.format(style=_STYLE, version=escape(version))
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
        return HTMLResponse(page, headers={"content-security-policy": policy})

    async def sdl(request: Request) -> Response:
        if not settings.public_introspection and not await _signed_in(request, verifier):
            return PlainTextResponse(
                "Sign in to read the schema.\n", 401, {"www-authenticate": 'Bearer realm="homeroom"'}
            )
        return PlainTextResponse(schema, headers={"cache-control": "no-cache"})

    async def ready(_: Request) -> Response:
        return await readiness(checks or {})

    return [
        Route("/", home),
        Route("/schema.graphql", sdl),
        Route("/healthz", _health),
        Route("/readyz", ready),
        Route("/explorer/{name}", asset),
    ]


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def readiness(checks: Mapping[str, Check]) -> Response:
    """503 where a required dependency is away; its state says why by the exception's name, never by its text."""
    results = await asyncio.gather(*(checked(check) for check in checks.values()))
    failed = any(check.required and not result["ok"] for check, result in zip(checks.values(), results, strict=True))
    degraded = not all(result["ok"] for result in results)
    state = "not ready" if failed else "degraded" if degraded else "ready"
    body = {"status": state, "checks": dict(zip(checks, results, strict=True))}
    return JSONResponse(body, 503 if failed else 200, headers={"cache-control": "no-store"})


async def checked(check: Check) -> dict[str, object]:
    """Whether it is well, in how many milliseconds, and a word about it."""
    start = time.perf_counter()
    result: dict[str, object] = {"ok": True, "required": check.required}
    try:
        detail = await asyncio.wait_for(check.run(), CHECK_SECONDS)
    except Exception as error:  # noqa: BLE001  whatever goes wrong with a dependency is its state
        result["ok"] = False
        detail = str(error) if isinstance(error, UnwellError) else type(error).__name__
    if detail is not None:
        result["detail"] = detail
    return result | {"ms": round((time.perf_counter() - start) * 1000, 1)}


async def _signed_in(request: Request, verifier: TokenVerifier) -> bool:
    try:
        token = bearer(request.headers.get("authorization"))
        return token is not None and bool(await verifier.identify(token))
    except (InvalidTokenError, KeysUnavailableError):
        return False
