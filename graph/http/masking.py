"""Errors as clients may see them: those with a name of ours pass, everything else becomes one masked sentence."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

import structlog
from graphql import FieldNode, GraphQLError

from db.failures import explained
from domain.errors import DomainError

log = structlog.get_logger("graphql")

MASKED = "Something went wrong here. Tell the operator the request id."


def formatted(errors: Sequence[GraphQLError], operation: str | None, request_id: str) -> list[dict[str, Any]]:
    """The answer's `errors`, in the order of the result."""
    return [_one(error, operation, request_id) for error in errors]


def field_of(error: GraphQLError) -> str:
    """The field's name in the schema, whatever the client calls it; empty where no field is at fault."""
    node = error.nodes[0] if error.nodes else None
    return node.name.value if isinstance(node, FieldNode) else ""


def _one(error: GraphQLError, operation: str | None, request_id: str) -> dict[str, Any]:
    told: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if cause is not None and (known := away(cause, operation, request_id)):
        cause = known
        told["message"] = str(known)
    if isinstance(cause, DomainError):
        told["extensions"] = cause.extensions
    elif cause is None or isinstance(cause, GraphQLError):
        told["extensions"] = {"code": "BAD_INPUT", **(error.extensions or {})}
    else:
        _log(cause, operation, request_id, error.path)
        told["message"] = MASKED
        told["extensions"] = {"code": "INTERNAL", "requestId": request_id}
    return told


def named(error: DomainError) -> dict[str, Any]:
    """One error for a failure of ours outside any field."""
    return {"message": str(error), "extensions": error.extensions}


def masked(cause: BaseException, operation: str | None, request_id: str) -> dict[str, Any]:
    """One error for a failure outside any field."""
    _log(cause, operation, request_id, None)
    return {"message": MASKED, "extensions": {"code": "INTERNAL", "requestId": request_id}}


def away(cause: BaseException, operation: str | None, request_id: str) -> DomainError | None:
    """The failure to tell where the database is at fault and not we; it is noted as such."""
    known = explained(cause)
    if known is not None:
        log.warning(
            "database unavailable",
            operation=operation,
            request_id=request_id,
            code=known.code,
            error=type(cause).__name__,
        )
    return known


def _log(cause: BaseException, operation: str | None, request_id: str, path: Sequence[object] | None) -> None:
    """The exception's message stays out: it may quote a name, a variable or a token."""
    log.error(
        "unexpected error",
        operation=operation,
        request_id=request_id,
        path=None if path is None else [str(part) for part in path],
        error=type(cause).__name__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)],
    )
