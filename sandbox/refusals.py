"""Canvas's error answers."""

from __future__ import annotations

from typing import Any

NO_CREDENTIALS = {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
CHALLENGE = {"www-authenticate": 'Bearer realm="canvas-lms"'}


class Refusal(Exception):
    """An answer other than success, with its body as Canvas writes it."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad_token(word: str) -> Refusal:
    """`Invalid`, `Revoked` or `Expired` access token."""
    error = {"message": f"{word} access token."}
    if word == "Expired":
        error["expired_at"] = "2026-01-01T00:00:00Z"
    return Refusal(401, {"errors": [error]}, CHALLENGE)


def not_found() -> Refusal:
    return Refusal(404, {"errors": [{"message": "The specified resource does not exist."}]})


def forbidden(status: int) -> Refusal:
    """Signed in, but without the right; never with a challenge header."""
    body = {"status": "unauthorized", "errors": [{"message": "user not authorized to perform that action"}]}
    return Refusal(status, body)


def bad_request(message: str, key: str = "message") -> Refusal:
    """A controller's own check."""
    return Refusal(400, {key: message})


def missing(name: str) -> Refusal:
    return Refusal(400, {"errors": [{"message": f"{name} is missing"}]})


def invalid(attribute: str, type: str, message: str) -> Refusal:
    """A model's validation, in the hash form."""
    return Refusal(400, {"errors": {attribute: [{"attribute": attribute, "type": type, "message": message}]}})


def short_search() -> Refusal:
    error = {"field": "search_term", "code": "invalid", "message": "2 or more characters is required"}
    return Refusal(400, {"errors": [error]})
