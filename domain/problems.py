"""Why a mutation did nothing: reasons a person can act on, which end up in the payload's `errors`.

They are raised, not returned, so that the transaction they leave undoes whatever came before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from domain.facts import Person
from domain.refs import ProviderLinkRef, TeamRef


class Problem(Exception):
    """`path` names the input field at fault, outermost first."""

    def __init__(self, message: str, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)


class NotFound(Problem):
    """It does not exist, or it is out of the viewer's scope: the two are not told apart."""


class NotAllowed(Problem):
    """The viewer's role never may."""


class InvalidInput(Problem):
    """A value that cannot be used."""


class ReadOnly(Problem):
    """The object is managed in Canvas."""


class NameTaken(Problem):
    """Another object of the same kind already has that name."""


class NotAStudent(Problem):
    """Only students are linked, enrolled and put into teams."""


class Conflict(Problem):
    """Somebody else was faster, or the object is not in a state that allows this."""


class AlreadyLinked(Problem):
    """One of the two sides has a live link. `other` is named only where it is in the viewer's scope."""

    def __init__(self, message: str, path: Sequence[str] = (), other: ProviderLinkRef | None = None) -> None:
        super().__init__(message, path)
        self.other = other


class LoginTaken(Problem):
    """Somebody in Canvas has that login already: `account`, who may be the very person; None where it is not to be told."""

    def __init__(self, message: str, path: Sequence[str], account: Person | None, roles: Sequence[str]) -> None:
        super().__init__(message, path)
        self.account = account
        self.roles = tuple(roles)


class UpstreamUnavailable(Problem):
    """Canvas did not answer; nothing was changed unless the message says so."""

    def __init__(self, message: str, provider: int, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.provider = provider
        self.retry_after = retry_after


class UpstreamRefused(Problem):
    """Canvas answered and said no."""


class PlanExpired(Problem):
    """The plan is older than 30 minutes."""


class PlanStale(Problem):
    """The group changed in Canvas after the plan was made."""

    def __init__(self, message: str, team: TeamRef | None = None) -> None:
        super().__init__(message)
        self.team = team


class OverrideRequired(Problem):
    """The deletion brake tripped (behaviours D-08)."""


class DifferentCanvas(Problem):
    """The new address or account is another Canvas while people are linked to the old one."""
