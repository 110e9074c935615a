"""Failures with a name. Their codes are public and stable; their messages are safe to show to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta


class DomainError(Exception):
    """A failure that stands in the answer's top-level `errors`. graphql-core copies `extensions` there."""

    code = "INTERNAL"

    @property
    def extensions(self) -> dict[str, object]:
        return {"code": self.code}


class UnauthenticatedError(DomainError):
    """Nobody is asking."""

    code = "UNAUTHENTICATED"


class ForbiddenError(DomainError):
    """The viewer's role never may."""

    code = "FORBIDDEN"


class BadIdError(DomainError):
    """An id, or a cursor, that we did not make."""

    code = "BAD_ID"


class BadInputError(DomainError):
    """An argument of a query that cannot be answered; `path` names it."""

    code = "BAD_INPUT"

    def __init__(self, message: str, path: Sequence[str]) -> None:
        super().__init__(message)
        self.path = tuple(path)

    @property
    def extensions(self) -> dict[str, object]:
        return {"code": self.code, "path": list(self.path)}


class DatabaseAway(DomainError):
    """The database cannot be asked just now."""

    code = "DATABASE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("homeroom cannot reach its database just now. Try again in a moment.")


class StorageFull(DomainError):
    """The database has no room; what was to be written was not."""

    code = "STORAGE_FULL"

    def __init__(self) -> None:
        super().__init__("homeroom cannot save anything just now: its disk is full. Nothing was changed.")


class UpstreamError(DomainError):
    """A Canvas instance did not answer as agreed. `reason` is one of the codes below, never Canvas's own text."""

    code = "UPSTREAM_UNAVAILABLE"
    reason = "UNAVAILABLE"

    def __init__(self, provider: int, detail: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__("Canvas did not answer.")
        self.provider = provider
        self.detail = detail
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, object]:
        return {"code": self.code, "source": str(self.provider), "reason": self.reason}


class UpstreamCallLimit(UpstreamError):
    """The operation has waited for as many answers of Canvas as it may; nothing was asked."""

    code = "UPSTREAM_CALL_LIMIT"
    reason = "TOO_MANY_CALLS"


class UpstreamTimeout(UpstreamError):
    """No answer within the deadline."""

    reason = "TIMEOUT"


class UpstreamThrottled(UpstreamError):
    """Canvas refused for load. Nothing was executed."""

    reason = "THROTTLED"


class UpstreamUnreadable(UpstreamError):
    """An answer that is not what Canvas sends: HTML, half a body, another shape."""

    reason = "UNREADABLE"


class UpstreamBlocked(UpstreamError):
    """The address is one we do not connect to."""

    reason = "ADDRESS_NOT_ALLOWED"


class UpstreamCredentials(UpstreamError):
    """The access key is missing, unknown, revoked or expired."""

    reason = "ACCESS_KEY_REFUSED"


class UpstreamForbidden(UpstreamError):
    """The access key's owner may not do this to that object (401 or 403 without a word about the key)."""

    reason = "PERMISSION_MISSING"


class UpstreamMissing(UpstreamError):
    """No such object in Canvas."""

    reason = "NOT_FOUND"


class UpstreamRejected(UpstreamError):
    """Canvas answered 400 or 422: the request itself is wrong. `fields` name its parameters, `types` its own codes."""

    code = "UPSTREAM_REJECTED"
    reason = "REJECTED"

    def __init__(self, provider: int, detail: str = "", fields: Sequence[str] = (), types: Sequence[str] = ()) -> None:
        super().__init__(provider, detail)
        self.fields = tuple(fields)
        self.types = tuple(types)


PERMANENT = (UpstreamForbidden, UpstreamMissing, UpstreamRejected)
"""Refusals of one object that asking again does not change (behaviours D-09b)."""
REFUSALS = frozenset(error.reason for error in PERMANENT)
