"""Canvas's GraphQL answers: always HTTP 200, with data, errors or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canvas.errors import GraphqlUnavailable
from domain.errors import UpstreamError, UpstreamRejected, UpstreamTimeout, UpstreamUnreadable

Path = tuple[str | int, ...]
_OLD = {"undefinedField", "argumentNotAccepted", "undefinedType", "variableRequiresValidNullableType"}
TOO_LARGE = "too_large"
MOST_PAGES = 2_000
"""Further pages of one course. Whoever has more sends cursors without end."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`data` as Canvas gave it; `failed` are the paths that are null because something broke, not for want of right."""

    data: dict[str, Any]
    failed: tuple[Path, ...]

    def broke(self, *path: str | int) -> bool:
        """Whether a failure lies at or under that path, or above it."""
        return any(path[: len(at)] == at[: len(path)] for at in self.failed)


def answered(provider: int, payload: Any) -> Answered:
    """What a GraphQL body says.

    Quirk:  a missing object or right is a plain null without an error; a document refused as a whole has no `data`.
    Errors: GraphqlUnavailable when this Canvas is too old for the document or hides every object from a scoped key; UpstreamTimeout; UpstreamRejected with type `too_large` for its limits; UpstreamUnreadable.
    """
    if not isinstance(payload, dict):
        raise UpstreamUnreadable(provider, "not a GraphQL answer")
    errors = payload.get("errors")
    errors = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
    data = payload.get("data")
    for error in errors:
        _raise_known(provider, error)
    if isinstance(data, dict) and (not errors or any(v is not None for v in data.values())):
        return Answered(data, tuple(_path(e) for e in errors))
    if errors and "data" not in payload:
        raise GraphqlUnavailable(provider, "document refused")
    raise UpstreamError(provider, "GraphQL errors") if errors else UpstreamUnreadable(provider, "no data")


def _raise_known(provider: int, error: dict[str, Any]) -> None:
    message = str(error.get("message", "")).lower()
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    if code in _OLD or "doesn't exist on type" in message or "doesn't accept argument" in message:
        raise GraphqlUnavailable(provider, "too old")
    if "insufficient scopes" in message:
        raise GraphqlUnavailable(provider, "scoped key")
    if "timed out" in message or "timeout" in message:
        raise UpstreamTimeout(provider, "GraphQL timed out")
    if "exceed" in message or "more than" in message:
        raise UpstreamRejected(provider, "GraphQL limit", types=(TOO_LARGE,))


def _path(error: dict[str, Any]) -> Path:
    path = error.get("path")
    return tuple(p for p in path if isinstance(p, str | int)) if isinstance(path, list) else ()
