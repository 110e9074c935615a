"""One request as a handler sees it, and how what the handler gives back becomes an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.behaviour import Behaviour
from sandbox.lookup import Lookup
from sandbox.paging import Listing, page_of
from sandbox.params import Params, read_params
from sandbox.refusals import Refusal
from sandbox.rights import Caller
from sandbox.world import World

JSON = "application/json; charset=utf-8"
STRING_IDS = "application/json+canvas-string-ids"
ROW_COST = 0.004
CALL_COST = 0.3


class Ask(NamedTuple):
    """Everything a handler may look at."""

    world: World
    behaviour: Behaviour
    caller: Caller
    path: dict[str, str]
    params: Params
    find: Lookup
    base: str
    attachment: bytes | None = None

    def includes(self, name: str) -> bool:
        """Whether `include[]` or `includes[]` names an extra."""
        return name in self.params.many("include") or name in self.params.many("includes")


class Created(NamedTuple):
    body: Any


class Raw(NamedTuple):
    """A ready body."""

    body: bytes
    content_type: str = JSON
    cost: float = CALL_COST


Handler = Callable[[Ask], Any]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler for the router."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            ask = _ask(request, body)
            return _answer(request, ask, handler(ask))
        except Refusal as refusal:
            return _json(request, refusal.body, refusal.status, refusal.headers)

    return answer


def base_of(request: Request, behaviour: Behaviour) -> str:
    """The scheme and host links are made with."""
    return behaviour.link_base or f"{request.url.scheme}://{request.url.netloc}"


def _ask(request: Request, body: bytes) -> Ask:
    state = request.app.state
    params, attachment = read_params(request.url.query, request.headers.get("content-type", ""), body)
    caller: Caller = request.scope["sandbox.caller"]
    find = Lookup(state.world, caller.user_id)
    base = base_of(request, state.behaviour)
    return Ask(state.world, state.behaviour, caller, dict(request.path_params), params, find, base, attachment)


def _answer(request: Request, ask: Ask, result: Any) -> Response:
    if isinstance(result, Raw):
        request.scope["sandbox.cost"] = result.cost
        return Response(result.body, media_type=result.content_type)
    if isinstance(result, Created):
        return _json(request, result.body, 201)
    if not isinstance(result, Listing):
        return _json(request, result)
    page = page_of(result, ask.base + request.url.path, request.url.query, ask.behaviour.max_per_page)
    request.scope["sandbox.cost"] = CALL_COST + ROW_COST * page.size
    return _json(request, page.body, headers={"link": page.link} if page.link else None)


def _json(request: Request, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    if STRING_IDS in request.headers.get("accept", ""):
        body = string_ids(body)
    return Response(orjson.dumps(body), status, headers, JSON)


def string_ids(value: Any) -> Any:
    """Write every `id`, `…_id`, `ids` and `…_ids` as text, at any depth."""
    if isinstance(value, list):
        return [string_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _as_text(item) if _names_ids(key) else string_ids(item) for key, item in value.items()}


def _names_ids(key: str) -> bool:
    return key in {"id", "ids"} or key.endswith(("_id", "_ids"))


def _as_text(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return [_as_text(item) for item in value] if isinstance(value, list) else string_ids(value)
