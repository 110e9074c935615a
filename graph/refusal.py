"""Requests that are not executed, whichever door they came through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from graphql import GraphQLError

from domain.errors import DomainError

Fault = Literal["request", "syntax", "document"]
"""What is wrong: the HTTP request itself, the document's grammar, or a well-formed document that cannot run."""


class RefusedError(Exception):
    """`errors` is what the answer says, formatted; `status` what HTTP says where the request itself is at fault."""

    def __init__(
        self,
        errors: Sequence[Mapping[str, Any]],
        *,
        fault: Fault = "document",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(errors[0]["message"])
        self.errors = [dict(error) for error in errors]
        self.fault = fault
        self.status = status
        self.headers = dict(headers or {})

    @property
    def code(self) -> str:
        return str(self.errors[0].get("extensions", {}).get("code"))


def bad_request(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None, **extensions: object
) -> RefusedError:
    """The HTTP request is at fault."""
    error = {"message": message, "extensions": {"code": code, **extensions}}
    return RefusedError([error], fault="request", status=status, headers=headers)


def bad_document(code: str, *errors: GraphQLError, fault: Fault = "document") -> RefusedError:
    """The document, its operation name or its variables are at fault. Errors that have a code of their own keep it."""
    told = []
    for error in errors:
        formatted: dict[str, Any] = dict(error.formatted)
        formatted["extensions"] = {"code": code, **(error.extensions or {})}
        told.append(formatted)
    return RefusedError(told, fault=fault)


def unauthenticated(message: str) -> RefusedError:
    """A token that is no good, as RFC 6750 words it."""
    challenge = f'Bearer realm="homeroom", error="invalid_token", error_description="{message}"'
    return bad_request(401, "UNAUTHENTICATED", message, headers={"www-authenticate": challenge})


def sign_in(message: str) -> RefusedError:
    """No token came, and one is needed."""
    return bad_request(401, "UNAUTHENTICATED", message, headers={"www-authenticate": 'Bearer realm="homeroom"'})


def unavailable(error: DomainError) -> RefusedError:
    """What nobody can be answered without is away."""
    return bad_request(503, error.code, str(error), headers={"retry-after": "5"})
