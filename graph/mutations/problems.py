"""A problem of the services as an error of the schema."""

from __future__ import annotations

from domain import problems
from graph.errors import (
    SIMPLE,
    AlreadyLinkedError,
    LoginTakenError,
    PlanStaleError,
    UpstreamUnavailableError,
    UserError,
)
from graph.info import Info
from graph.types.canvas_user import CanvasUser
from graph.types.provider import Provider
from graph.types.provider_link import ProviderLink
from graph.types.team import team
from resolvers import links, providers
from services.canvas_users import CanvasUser as CanvasUserRow


async def error_of(info: Info, problem: problems.Problem) -> UserError:
    """The error that says what the problem says, with the objects it names as far as the viewer may see them."""
    path = list(problem.path) or None
    match problem:
        case problems.AlreadyLinked():
            found = await links.links_by_ids(info.context, [problem.other.id]) if problem.other else [None]
            other = ProviderLink.of(found[0]) if found[0] else None
            return AlreadyLinkedError(message=problem.message, path=path, other=other)
        case problems.LoginTaken():
            known = CanvasUserRow(problem.account, problem.roles, None) if problem.account else None
            account = CanvasUser.of(known) if known else None
            return LoginTakenError(message=problem.message, path=path, account=account)
        case problems.UpstreamUnavailable():
            (row,) = await providers.providers_by_number(info.context, [problem.provider])
            provider = Provider.of(row, info) if row else None
            return UpstreamUnavailableError(
                message=problem.message, path=path, provider=provider, retry_after=problem.retry_after
            )
        case problems.PlanStale():
            stale = await team(info, problem.team) if problem.team else None
            return PlanStaleError(message=problem.message, path=path, team=stale)
    return SIMPLE[type(problem)](message=problem.message, path=path)
