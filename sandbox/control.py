"""`/_control`: look at this Canvas from outside and change it while it runs. No token, loopback only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.behaviour import Behaviour

CHANGES = (
    "add_user",
    "add_login",
    "rename_user",
    "delete_user",
    "merge_user",
    "add_course",
    "add_section",
    "set_course",
    "delete_course",
    "enrol",
    "set_enrolment_state",
    "remove_enrolments",
    "add_group_set",
    "add_group",
    "rename_group",
    "delete_group",
    "delete_group_set",
    "join",
    "leave",
    "add_event",
    "add_series",
    "move_event",
    "delete_event",
)


def control_routes() -> list[Route]:
    """State, log, behaviour, reset, world and bucket."""
    return [
        Route("/_control", _endpoint(_state), methods=["GET"]),
        Route("/_control/log", _endpoint(_log), methods=["GET"]),
        Route("/_control/log", _endpoint(_clear_log), methods=["DELETE"]),
        Route("/_control/behaviour", _endpoint(_change), methods=["POST"]),
        Route("/_control/reset", _endpoint(_reset), methods=["POST"]),
        Route("/_control/world", _endpoint(_world), methods=["POST"]),
        Route("/_control/bucket", _endpoint(_bucket), methods=["POST"]),
    ]


def _endpoint(act: Callable[[Any, dict[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            result, status = act(request.app.state, orjson.loads(body) if body else {}), 200
        except (msgspec.ValidationError, orjson.JSONDecodeError, TypeError, KeyError, ValueError) as error:
            result, status = {"error": f"{type(error).__name__}: {error}"}, 400
        return Response(msgspec.json.encode(result), status, media_type="application/json")

    return answer


def _state(state: Any, _: dict[str, Any]) -> Any:
    world = state.world
    sizes = {name: len(getattr(world, name)) for name in ("courses", "users", "enrollments", "groups", "events")}
    return {
        "behaviour": state.behaviour,
        "world": sizes,
        "requests": len(state.log.entries),
        "counts": state.log.counts(),
    }


def _log(state: Any, _: dict[str, Any]) -> Any:
    log = state.log
    return {
        "entries": log.entries,
        "max_in_flight": log.max_in_flight,
        "max_graphql_in_flight": log.max_graphql_in_flight,
    }


def _clear_log(state: Any, _: dict[str, Any]) -> Any:
    state.log.reset()
    return {"ok": True}


def _change(state: Any, changes: dict[str, Any]) -> Any:
    state.behaviour.change(changes)
    return state.behaviour


def _reset(state: Any, _: dict[str, Any]) -> Any:
    """Default behaviour, empty buckets, empty log; the world stays as it is."""
    state.behaviour.change(msgspec.to_builtins(Behaviour()))
    state.buckets.reset()
    state.log.reset()
    return state.behaviour


def _world(state: Any, asked: dict[str, Any]) -> Any:
    """`{"do": "rename_user", "with": {"user_id": 90, "name": "Sam Reed"}}`, by the names of the world's own methods."""
    name = asked["do"]
    if name not in CHANGES:
        raise ValueError(f"no change is called {name}")
    return getattr(state.world, name)(**asked.get("with", {}))


def _bucket(state: Any, asked: dict[str, Any]) -> Any:
    """`{"token": "sandbox-token", "remaining": 120}`."""
    state.buckets.fill(asked["token"], float(asked["remaining"]))
    return {"ok": True}
