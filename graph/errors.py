"""The reasons a mutation gives for having done nothing, and how problems of the services become them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain import problems

if TYPE_CHECKING:
    from graph.types.canvas_user import CanvasUser
    from graph.types.provider import Provider
    from graph.types.provider_link import ProviderLink
    from graph.types.team import Team

LazyCanvasUser = Annotated["CanvasUser", strawberry.lazy("graph.types.canvas_user")]
LazyProvider = Annotated["Provider", strawberry.lazy("graph.types.provider")]
LazyTeam = Annotated["Team", strawberry.lazy("graph.types.team")]
LazyProviderLink = Annotated["ProviderLink", strawberry.lazy("graph.types.provider_link")]


@strawberry.interface(
    description="Why a mutation did nothing, phrased for the person who asked. `__typename` is the code."
)
class UserError:
    message: str = strawberry.field(description="A sentence to show.")
    path: list[str] | None = strawberry.field(
        default=None,
        description="The input field at fault, outermost first, such as `records`, `0`, `userId`; null where it is no single field.",
    )


@strawberry.type(description="The object does not exist, or not for you.")
class NotFoundError(UserError): ...


@strawberry.type(description="Your role never may do this.")
class NotAllowedError(UserError): ...


@strawberry.type(description="A value cannot be used; `path` names the field.")
class InvalidInputError(UserError): ...


@strawberry.type(description="The object is managed in Canvas and read-only here.")
class ReadOnlyError(UserError): ...


@strawberry.type(description="Another object of this kind has that name.")
class NameTakenError(UserError): ...


@strawberry.type(description="One of the two sides is linked already. Unlink it first.")
class AlreadyLinkedError(UserError):
    other: LazyProviderLink | None = strawberry.field(
        default=None, description="The link in the way; null where it is out of your scope."
    )


@strawberry.type(description="Somebody in Canvas signs in with that login already: perhaps the very person.")
class LoginTakenError(UserError):
    account: LazyCanvasUser | None = strawberry.field(
        default=None,
        description="Who has it. If it is the person: the same mutation with `linkExisting: true`. Only department admins see "
        "accounts that are no student's.",
    )


@strawberry.type(description="The person, or the Canvas account, is not a student.")
class NotAStudentError(UserError): ...


@strawberry.type(description="Somebody else changed the object meanwhile, or its state does not allow this.")
class ConflictError(UserError): ...


@strawberry.type(description="Canvas could not be asked. Try again after `retryAfter`.")
class UpstreamUnavailableError(UserError):
    provider: LazyProvider | None = strawberry.field(default=None, description="The Canvas instance in question.")
    retry_after: timedelta | None = strawberry.field(default=None, description="When trying again makes sense.")


@strawberry.type(description="Canvas was asked and refused.")
class UpstreamRejectedError(UserError): ...


@strawberry.type(description="The address or account is another Canvas than the one people are linked to.")
class DifferentCanvasError(UserError): ...


@strawberry.type(description="The plan is older than 30 minutes. Make a new one.")
class PlanExpiredError(UserError): ...


@strawberry.type(description="The group changed in Canvas after the plan was made. Pull, and make a new plan.")
class PlanStaleError(UserError):
    team: LazyTeam | None = strawberry.field(default=None, description="The team whose group changed.")


@strawberry.type(description="So much would be removed that a department admin has to give a reason as `override`.")
class OverrideRequiredError(UserError): ...


SIMPLE: dict[type[problems.Problem], type[UserError]] = {
    problems.NotFound: NotFoundError,
    problems.NotAllowed: NotAllowedError,
    problems.InvalidInput: InvalidInputError,
    problems.ReadOnly: ReadOnlyError,
    problems.NameTaken: NameTakenError,
    problems.NotAStudent: NotAStudentError,
    problems.Conflict: ConflictError,
    problems.UpstreamRefused: UpstreamRejectedError,
    problems.DifferentCanvas: DifferentCanvasError,
    problems.PlanExpired: PlanExpiredError,
    problems.OverrideRequired: OverrideRequiredError,
}
"""Problems that are nothing but their message and path. The others are mapped in graph/mutations/answer.py."""

Errors = list[Any]
