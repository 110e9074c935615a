"""Idempotency: the same mutation with the same key and input is carried out once and answers the same again (C-25).

What is kept of an answer is what is needed to give it again to whatever selection a repeat asks for: the ids of its
nodes, which are looked up anew in the viewer's scope, and the plain values of everything else.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

import msgspec
import orjson

from domain.problems import Conflict, InvalidInput, Problem
from graph.errors import UpstreamUnavailableError
from graph.info import Info
from graph.nodes import nodes_by_ids
from graph.types.node import Node
from services import idempotency

P = TypeVar("P")
PATH = ["idempotencyKey"]
NODE, OBJECT, FIELDS = "$node", "$type", "$fields"


async def answer_once(info: Info, payload: type[P], input: Any, work: Callable[[], Awaitable[P | None]]) -> P | None:
    """The answer of `work`, or the answer it gave before.

    Errors: Conflict while the first one is still under way, or where its answer is lost; InvalidInput for the key of another request.
    """
    key = input.idempotency_key
    if key is None:
        return await work()
    asked = msgspec.to_builtins(dataclasses.asdict(input), enc_hook=repr)  # what was left out has no JSON form
    request = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))
    ticket = await idempotency.begin(info.context.op, key, payload.__name__, request.hexdigest())
    match ticket:
        case idempotency.Answered():
            return await _again(info, payload, ticket.response)
        case idempotency.Unanswered():
            raise Conflict("This was done, at least in part, but its answer is lost. Look before you ask again.", PATH)
        case idempotency.UnderWay():
            raise Conflict("This is being done already. Ask again in a moment.", PATH)
        case idempotency.Different():
            raise InvalidInput("This key was used for another request.", PATH)
    try:
        with idempotency.carrying_out(ticket):
            answer = await work()
    except Problem:
        await idempotency.finish(ticket, None)
        raise
    except BaseException:
        await idempotency.abandon(ticket)
        raise
    keep = answer is not None and not any(isinstance(e, UpstreamUnavailableError) for e in answer.errors)  # type: ignore[attr-defined]
    await idempotency.finish(ticket, orjson.dumps(_kept(answer)) if keep else None)
    return answer


def _kept(value: Any) -> Any:
    if isinstance(value, Node):
        return {NODE: value.id}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_kept(item) for item in value]
    if isinstance(value, datetime | date | timedelta):
        return msgspec.to_builtins(value)
    if dataclasses.is_dataclass(value):
        fields = {field.name: _kept(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {OBJECT: type(value).__name__, FIELDS: fields}
    return value


async def _again(info: Info, payload: type[P], response: bytes) -> P:
    kept = orjson.loads(response)
    ids: list[str] = []
    _collect(kept, ids)
    nodes = dict(zip(ids, await nodes_by_ids(info, ids), strict=True))
    fields = {name: _restored(value, nodes, info) for name, value in kept[FIELDS].items()}
    return payload(**fields)


def _collect(kept: Any, ids: list[str]) -> None:
    if isinstance(kept, list):
        for item in kept:
            _collect(item, ids)
    elif isinstance(kept, dict):
        if NODE in kept:
            ids.append(kept[NODE])
        for value in kept.values():
            _collect(value, ids)


def _restored(kept: Any, nodes: dict[str, Node | None], info: Info) -> Any:
    if isinstance(kept, list):
        return [_restored(item, nodes, info) for item in kept]
    if not isinstance(kept, dict):
        return kept
    if NODE in kept:
        return nodes[kept[NODE]]
    if OBJECT in kept:
        made: Any = info.schema.get_type_by_name(kept[OBJECT])
        return made.origin(**{name: _restored(value, nodes, info) for name, value in kept[FIELDS].items()})
    return {name: _restored(value, nodes, info) for name, value in kept.items()}
