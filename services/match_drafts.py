"""Decisions about pairs, kept on the server until they are applied or cleared (AC-08)."""

from __future__ import annotations

from typing import Any

from db.models import MatchDraft
from db.queries import users
from domain.enums import MatchDecision, Role
from domain.problems import Conflict, InvalidInput, NotFound
from domain.refs import ProviderRef, UserRef
from services import audit
from services.access import require_role
from services.linking import LONGEST_ID, account_of, linking, require_unlinked, student
from services.match_sides import provider_for
from services.operation import Operation
from services.writing import writing

Place = dict[str, Any]


async def decide_match(
    op: Operation, provider: ProviderRef, canvas_user_id: str, user: UserRef | None, decision: MatchDecision | None
) -> None:
    """Confirm, reject or clear (None) a pair. Confirming gives way to nobody: one side waits for one other side.

    Shape:  clearing without a person clears all that the viewer may see of the account.
    Errors: as `link_user`; InvalidInput without a person; Conflict where somebody else confirmed one of the two already.
    """
    if decision is None:
        await _clear(op, provider, canvas_user_id, user)
        return
    if user is None:
        raise InvalidInput("Say about whom.", ["userId"])
    person = await student(op, user)
    await account_of(op, provider, canvas_user_id, person.facility_id)
    async with linking(op, provider.id):
        person = await student(op, user)
        place: Place = {"provider_id": provider.id, "canvas_user_id": canvas_user_id, "user_id": user.id}
        if decision is MatchDecision.CONFIRMED:
            await require_unlinked(op, person.id, provider.id, canvas_user_id)
            await _require_free(op, place)
        await MatchDraft.filter(**place).delete()
        by = {"decided_by_id": op.scope.user_id, "decided_at": op.now(), "decision": decision}
        await MatchDraft.create(**{**place, **by})
        after = {"provider_id": provider.id, "canvas_user_id": canvas_user_id, "decision": decision.value}
        await audit.record(op, "decideMatch", user, person.facility_id, None, after)


async def _require_free(op: Operation, place: Place) -> None:
    """Raise Conflict where one side was confirmed with another side; who with is named only within the viewer's scope.

    Quirk: a confirmation of somebody who is no active student any more is shown nowhere, so it gives way.
    """
    confirmed = MatchDraft.filter(provider_id=place["provider_id"], decision=MatchDecision.CONFIRMED)
    mine = await confirmed.filter(user_id=place["user_id"]).exclude(canvas_user_id=place["canvas_user_id"]).first()
    if mine is not None:
        raise Conflict("This person is confirmed for another Canvas account already. Clear that first.", ["userId"])
    theirs = confirmed.filter(canvas_user_id=place["canvas_user_id"]).exclude(user_id=place["user_id"])
    other = await theirs.select_related("user").first()
    if other is not None and (other.user.deactivated_at is not None or other.user.role is not Role.STUDENT):
        await other.delete()
    elif other is not None:
        holder = next(iter(await users.users_by_ids(op.scope, [other.user_id])), None)
        name = holder.full_name if holder else "somebody else"
        raise Conflict(f"This Canvas account is confirmed for {name} already. Clear that first.", ["canvasUserId"])


async def _clear(op: Operation, provider: ProviderRef, canvas_user_id: str, user: UserRef | None) -> None:
    require_role(op.scope, Role.FACILITY_ADMIN, "decide matches")
    await provider_for(op.loaders, provider.id, None)
    if len(canvas_user_id) > LONGEST_ID:
        raise NotFound("There is no such Canvas account.", ["canvasUserId"])
    drafts = MatchDraft.filter(provider_id=provider.id, canvas_user_id=canvas_user_id)
    async with writing(op):
        found = await (drafts if user is None else drafts.filter(user_id=user.id)).order_by("id")
        people = {row.id: row for row in await users.users_by_ids(op.scope, [draft.user_id for draft in found])}
        own = [(draft, people[draft.user_id]) for draft in found if draft.user_id in people]
        if user is not None and not own:
            raise NotFound("Nothing was decided about these two.", ["userId"])
        for draft, person in own:
            before = {"provider_id": provider.id, "canvas_user_id": canvas_user_id, "decision": draft.decision.value}
            await audit.record(op, "decideMatch", UserRef(person.id), person.facility_id, before, None)
        await MatchDraft.filter(id__in=[draft.id for draft, _ in own]).delete()
