"""What an admin does about a link whose account, or whose login, is not as it should be."""

from __future__ import annotations

from db.models import ProviderLink
from domain import rows
from domain.enums import CanvasAccountState, LinkAction, LoginState
from domain.problems import Conflict
from domain.refs import ProviderLinkRef, ProviderRef
from services import audit, logins
from services.linking import account_of, end_link, insert_link, linking, locked_link, require_unlinked, told
from services.operation import Operation
from services.writing import writing


async def resolve_link(op: Operation, link: ProviderLinkRef, action: LinkAction) -> ProviderLinkRef:
    """Keep a link whose account was renamed, or follow a merged account: the old link ends and a new one begins.

    Errors: NotAllowed for students; NotFound out of scope; Conflict where the account's state does not ask for it;
            AlreadyLinked and NotAStudent of the account that was merged into; UpstreamUnavailable.
    """
    if action is LinkAction.FOLLOW_MERGE:
        return await _follow(op, link)
    async with writing(op):
        row, person = await _live(op, link)
        if row.canvas_state is not CanvasAccountState.RENAMED:
            raise Conflict("This account was not renamed.", ["action"])
        row.canvas_state = CanvasAccountState.PRESENT
        await row.save(update_fields=["canvas_state"])
        before, after = {"canvas_state": "RENAMED"}, {"canvas_state": "PRESENT"}
        await audit.record(op, "resolveLink", link, person.facility_id, before, after)
    return link


async def request_login(op: Operation, link: ProviderLinkRef) -> ProviderLinkRef:
    """Ask once more for the login of a linked person.

    Errors: NotAllowed for students; NotFound out of scope; Conflict where no sign-in is registered or the login is there.
    """
    async with writing(op):
        row, person = await _live(op, link)
        if await logins.registration(row.provider_id) is None:
            raise Conflict("The organisation's sign-in is not registered in this Canvas.", ["linkId"])
        if row.login_state is LoginState.READY:
            raise Conflict("The login exists.", ["linkId"])
        before, row.login_state = {"login_state": row.login_state.value}, LoginState.PENDING
        await row.save(update_fields=["login_state"])
        await audit.record(op, "requestLogin", link, person.facility_id, before, {"login_state": "PENDING"})
    await logins.start(op, row.provider_id)
    return link


async def _follow(op: Operation, link: ProviderLinkRef) -> ProviderLinkRef:
    row, person = await _live(op, link)
    target = row.merged_into_id
    if row.canvas_state is not CanvasAccountState.MERGED or target is None:
        raise Conflict("This account was not merged into one that is known.", ["action"])
    account = await account_of(op, ProviderRef(row.provider_id), target, person.facility_id, "linkId")
    async with linking(op, row.provider_id) as login:
        row, person = await _live(op, link)
        await require_unlinked(op, None, row.provider_id, target)
        await end_link(op, row)
        made = await insert_link(op, person, account, login)
        await audit.record(op, "resolveLink", ProviderLinkRef(made.id), person.facility_id, told(row), told(made))
    await logins.start(op, row.provider_id, [login])
    return ProviderLinkRef(made.id)


async def _live(op: Operation, link: ProviderLinkRef) -> tuple[ProviderLink, rows.User]:
    row, person = await locked_link(op, link)
    if row.unlinked_at is not None:
        raise Conflict("This link was undone.", ["linkId"])
    return row, person
