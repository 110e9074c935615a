"""Scripted failures: which one hits a request, and what it does to the answer."""

from __future__ import annotations

import asyncio
import re
from typing import Any, NamedTuple

import orjson
from starlette.types import Receive, Send

from sandbox.behaviour import Behaviour, Fault

HTML = b"<html><head><title>%d</title></head><body><h1>Something is in the way</h1></body></html>"
WORDS = {429: "429 Too Many Requests", 403: "403 Forbidden"}
SERVER_FAULT = {
    "errors": [{"message": "An error occurred.", "error_code": "internal_server_error"}],
    "error_report_id": 123,
}


class Answer(NamedTuple):
    """One whole HTTP answer; header names in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @staticmethod
    def of(status: int, body: bytes, content_type: str, **headers: str) -> Answer:
        """An answer with the given type; `_` in header names is `-`."""
        extra = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        length = (b"content-length", str(len(body)).encode())
        return Answer(status, [(b"content-type", content_type.encode()), length, *extra], body)

    @staticmethod
    def json(status: int, body: Any, **headers: str) -> Answer:
        return Answer.of(status, orjson.dumps(body), "application/json; charset=utf-8", **headers)


def refused(behaviour: Behaviour) -> Answer:
    """The throttle's answer."""
    status = behaviour.throttle_status
    body = f"{WORDS[status]} (Rate Limit Exceeded)\n".encode()
    return Answer.of(status, body, "text/plain; charset=utf-8", x_rate_limit_remaining="0.0")


def hit(behaviour: Behaviour, method: str, path: str, body: bytes) -> Fault | None:
    """The first fault that hits this request, its counts moved on."""
    for fault in behaviour.faults:
        if not _matches(fault, method, path, body) or fault.times == 0:
            continue
        if fault.skip > 0:
            fault.skip -= 1
            continue
        if fault.times is not None:
            fault.times -= 1
        return fault
    return None


def instead(fault: Fault, behaviour: Behaviour) -> Answer | None:
    """The answer a fault gives in place of Canvas's own, or None if Canvas answers."""
    if fault.kind == "throttle":
        return refused(behaviour)
    if fault.kind == "html":
        return Answer.of(fault.status, HTML % fault.status, "text/html; charset=utf-8", **fault.headers)
    if fault.kind == "body":
        return Answer.of(fault.status, fault.body.encode(), fault.content_type, **fault.headers)
    if fault.kind == "status":
        return Answer.json(fault.status, SERVER_FAULT, **fault.headers)
    return None


def with_foreign_next(answer: Answer, host: str) -> Answer:
    """Lead the `next` link to another host."""
    headers = [(name, _foreign(value, host) if name == b"link" else value) for name, value in answer.headers]
    return Answer(answer.status, headers, answer.body)


async def until_left(receive: Receive) -> None:
    """Wait until the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def cut_off(send: Send) -> None:
    """End the connection. Where there is none (in-process), raise what its loss would."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox ended the connection")
    transport.abort()
    await asyncio.sleep(0.01)


def has_connection(send: Send) -> bool:
    """Whether a real connection is behind this request."""
    return getattr(getattr(send, "__self__", None), "transport", None) is not None


def _matches(fault: Fault, method: str, path: str, body: bytes) -> bool:
    if fault.method and fault.method != method:
        return False
    return bool(re.search(fault.path, path)) and (not fault.contains or fault.contains.encode() in body)


def _foreign(value: bytes, host: str) -> bytes:
    replacement = rb"<https://" + host.encode() + rb"\1>\2"
    return re.sub(rb'<https?://[^/]+([^>]*)>(; rel="next")', replacement, value)
