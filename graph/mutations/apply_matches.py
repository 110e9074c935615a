from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from domain.enums import MatchOutcomeKind as Kind
from domain.refs import FacilityRef, ProviderRef, Ref, UserRef
from graph.enums import MatchOutcomeKind, MatchPolicy
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
    UserError,
)
from graph.ids import encode, input_key
from graph.info import Info
from graph.mutations.create_user_from_canvas import NewUserFromCanvas
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.problems import error_of
from graph.nodes import nodes_by_ids
from graph.types.match_application import MatchApplication
from graph.types.node import Node
from graph.types.provider import Provider, provider
from graph.types.provider_link import ProviderLink
from graph.types.sync_run import SyncRun, sync_run
from graph.types.user import User
from services.match_applying import Wanted
from services.match_applying import apply_matches as apply
from services.match_linking import Outcome

ApplyMatchesError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("ApplyMatchesError", description="Why nothing at all was applied."),
]


@strawberry.input(description="A Canvas student and whom of ours they are.")
class MatchPairInput:
    canvas_user_id: str = strawberry.field(description="Canvas's own id of the account.")
    user_id: strawberry.ID = strawberry.field(description="The person.")


@strawberry.input(description="What to apply, in any combination.")
class ApplyMatchesInput:
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="The report, and the drafts, of this facility; of all in your scope when left out."
    )
    policy: MatchPolicy | None = strawberry.field(
        default=None, description="Whose first bucket; the provider's policy."
    )
    auto_confirmed: bool | None = strawberry.field(
        default=None, description="The whole first bucket, but for accounts that somebody else was confirmed for."
    )
    confirmed: bool | None = strawberry.field(default=None, description="All confirmed drafts in your scope.")
    confirm: list[MatchPairInput] | None = strawberry.field(default=None, description="These pairs; at most 5,000.")
    create: list[NewUserFromCanvas] | None = strawberry.field(
        default=None, description="People to make from accounts and link; at most 100."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What became of one pair or of one person to create.")
class MatchOutcome:
    outcome: MatchOutcomeKind = strawberry.field(description="What became of it.")
    canvas_user_id: str = strawberry.field(description="Canvas's own id of the account.")
    user: User | None = strawberry.field(description="The person; null where they do not exist for you, or at all.")
    link: ProviderLink | None = strawberry.field(description="The link of LINKED, ALREADY_LINKED and CREATED.")
    error: UserError | None = strawberry.field(
        description="Why it FAILED: AlreadyLinkedError, NotFoundError and so on."
    )


@strawberry.type(description="The outcome of `applyMatches`. One item that fails stops no other.")
class ApplyMatchesPayload:
    applied: int | None = strawberry.field(
        default=None, description="Links made now, those of created people left out."
    )
    created: int | None = strawberry.field(default=None, description="People created and linked.")
    failed: list[MatchOutcome] | None = strawberry.field(default=None, description="What could not be done, and why.")
    outcomes: list[MatchOutcome] | None = strawberry.field(default=None, description="Every item, in order.")
    application: MatchApplication | None = strawberry.field(
        default=None, description="Give it to `restoreLink` to undo all of it; null where nothing changed."
    )
    run: SyncRun | None = strawberry.field(
        default=None, description="Set where there is too much to wait for: it links the pairs, and says how far it is."
    )
    provider: Provider | None = strawberry.field(
        default=None, description="The Canvas instance, with its lists as they are now."
    )
    errors: list[ApplyMatchesError] = errors()


@mutation(
    ApplyMatchesPayload,
    "Link everybody of the first bucket, of the confirmed drafts and of a list, and create people, in one step. Done twice, it "
    "changes nothing more. Can be undone for 30 days.",
)
async def apply_matches(info: Info, input: Annotated[ApplyMatchesInput, INPUT]) -> ApplyMatchesPayload | None:
    ref = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    done = await apply(info.context.op, ref.id, _wanted(input))
    outcomes = await _outcomes(info, done.outcomes)
    application = await _nodes(info, [done.application])
    return ApplyMatchesPayload(
        applied=sum(one.kind is Kind.LINKED for one in done.outcomes),
        created=sum(one.kind is Kind.CREATED for one in done.outcomes),
        failed=[one for one in outcomes if one.outcome is Kind.FAILED],
        outcomes=outcomes,
        application=application.get(done.application),  # type: ignore[arg-type]
        run=await sync_run(info, done.run) if done.run else None,
        provider=await provider(info, ref),
    )


def _wanted(input: ApplyMatchesInput) -> Wanted:
    facility = input.facility_id
    return Wanted(
        None if facility is None else input_key(facility, "facilityId", FacilityRef),
        input.policy,
        auto_confirmed=bool(input.auto_confirmed),
        drafts=bool(input.confirmed),
        pairs=[(one.canvas_user_id.strip(), input_key(one.user_id, "confirm", UserRef)) for one in input.confirm or ()],
        create=[one.person("create") for one in input.create or ()],
    )


async def _outcomes(info: Info, found: Sequence[Outcome]) -> list[MatchOutcome]:
    nodes = await _nodes(info, [ref for one in found for ref in (one.user, one.link)])
    return [
        MatchOutcome(
            outcome=one.kind,
            canvas_user_id=one.canvas_user_id,
            user=nodes.get(one.user),  # type: ignore[arg-type]
            link=nodes.get(one.link),  # type: ignore[arg-type]
            error=await error_of(info, one.problem) if one.problem else None,
        )
        for one in found
    ]


async def _nodes(info: Info, wanted: Sequence[Ref | None]) -> dict[Ref | None, Node | None]:
    refs = list(dict.fromkeys(ref for ref in wanted if ref is not None))
    return dict(zip(refs, await nodes_by_ids(info, [encode(ref) for ref in refs]), strict=True))
