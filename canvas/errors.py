"""Canvas's many ways to say no, sorted into ours (canvas-api §1.2). No text of Canvas leaves this module."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from domain.errors import (
    UpstreamCredentials,
    UpstreamError,
    UpstreamForbidden,
    UpstreamMissing,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnreadable,
)

LONGEST_WAIT = 3600
DIGITS = 9
"""Of a `Retry-After`; Python makes no number of thousands of them."""

_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "the certificate is not accepted"),
    (ssl.SSLError, "no secure connection"),
    (socket.gaierror, "the host name is not known"),
    (ConnectionRefusedError, "the connection is refused"),
    (ConnectionResetError, "the connection is reset"),
)
_CODE = re.compile(r"[a-z_]{1,40}")
_PLAIN_TYPES = {"full": "full", "already": "taken", "taken": "taken", "blank": "blank", "required": "blank"}


class Unreachable(UpstreamError):
    """No connection, or it broke."""


class ServerFault(UpstreamError):
    """Canvas, or what stands before it, answered 5xx."""


class CircuitOpen(UpstreamError):
    """It failed so often lately that it is left alone for a while."""


class GraphqlUnavailable(UpstreamError):
    """This Canvas's GraphQL is missing, refused, or too old for the document: use REST."""


def why(error: BaseException) -> str:
    """What kind of failure it was and, where that is known, its cause: no word of what was sent or received."""
    cause: BaseException | None = error
    while cause is not None:
        for kind, text in _CAUSES:
            if isinstance(cause, kind):
                return f"{type(error).__name__}: {text}"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The seconds form of `Retry-After`; a date, which Canvas's proxies do not send, is ignored."""
    text = headers.get("retry-after", "")
    if not text.isdecimal():
        return None
    return timedelta(seconds=min(int(text), LONGEST_WAIT) if len(text) <= DIGITS else LONGEST_WAIT)


def classify(provider: int, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """The typed error of an answer that is not 2xx.

    Quirk: throttling is 429 today and was 403 with a text; a missing permission is 403 today and was 401.
    """
    detail, wait = f"HTTP {status}", retry_after(headers)
    if is_throttle(status, body):
        return UpstreamThrottled(provider, detail, wait)
    if status in {401, 403}:
        return _refusal(provider, status, headers, body)
    if status in {404, 410}:
        return UpstreamMissing(provider, detail)
    if status >= 500 or status == 408:
        return (UpstreamTimeout if status in {408, 504} else ServerFault)(provider, detail, wait)
    if status >= 400:
        return UpstreamRejected(provider, detail, *faults(_json(body)))
    return UpstreamUnreadable(provider, "redirect" if status >= 300 else detail)


def is_throttle(status: int, body: bytes) -> bool:
    """Whether Canvas refused for load."""
    return status == 429 or (status == 403 and b"rate limit exceeded" in body[:1000].lower())


def _refusal(provider: int, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    payload = _json(body)
    said = " ".join(_texts(payload)).lower()
    detail = f"HTTP {status}"
    if "insufficient scopes" in said:
        return UpstreamForbidden(provider, f"{detail}: scope")
    if "user agent" in said:
        return UpstreamRejected(provider, f"{detail}: user agent")
    if status == 403:
        return UpstreamForbidden(provider, detail) if payload is not None else UpstreamUnreadable(provider, detail)
    unsaid = not said or "unauthenticated" in said
    if "www-authenticate" in headers or "access token" in said or unsaid:
        return UpstreamCredentials(provider, detail)
    return UpstreamForbidden(provider, detail)


def faults(payload: Any) -> tuple[list[str], list[str]]:
    """The parameters at fault and Canvas's codes for what is wrong, out of any form of error body.

    Shape: `errors` as a list, a hash of lists, of texts or of further hashes; else nothing is known.
    """
    errors = payload.get("errors") if isinstance(payload, dict) else None
    found = list(_faults(errors))
    return [field for field, _ in found if _CODE.fullmatch(field)], [code for _, code in found if code]


def _faults(errors: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(errors, str):
        yield name, _code(errors)
    elif isinstance(errors, list):
        for item in errors:
            yield from _faults(item, name)
    elif isinstance(errors, dict) and "message" in errors:
        field = errors.get("field") or errors.get("attribute") or name
        yield str(field), _code(errors.get("type") or errors.get("error_code") or errors.get("message"))
    elif isinstance(errors, dict):
        for key, value in errors.items():
            yield from _faults(value, str(key))


def _code(said: Any) -> str:
    text = str(said)
    if _CODE.fullmatch(text):
        return text
    return next((code for word, code in _PLAIN_TYPES.items() if word in text.lower()), "")


def _texts(payload: Any) -> Iterator[str]:
    if isinstance(payload, str):
        yield payload
    elif isinstance(payload, list):
        for item in payload:
            yield from _texts(item)
    elif isinstance(payload, dict):
        for value in payload.values():
            yield from _texts(value)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
