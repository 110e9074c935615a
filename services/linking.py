"""Linking our people to their Canvas accounts, one at a time, and undoing it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tortoise.expressions import Q

from canvas.users import show_user
from db.models import MatchDraft, Provider, ProviderLink, User
from db.queries import users
from db.transactions import lock
from domain import facts, rows
from domain.enums import LoginState, MatchDecision, Role
from domain.errors import UpstreamError, UpstreamMissing
from domain.problems import (
    AlreadyLinked,
    Conflict,
    NotAStudent,
    NotFound,
    UpstreamUnavailable,
)
from domain.refs import ProviderLinkRef, ProviderRef, UserRef
from loaders import Loaders
from loaders.kinds import ACCOUNT, PEOPLE
from loaders.people import is_on
from services import audit, canvas_users, logins
from services.access import require_person
from services.operation import Operation
from services.writing import writing

UNDO = timedelta(days=30)
LONGEST_ID = 64
"""No Canvas account's id is longer; the columns hold no more, and no query takes more."""


@dataclass(frozen=True, slots=True)
class Account:
    """A Canvas account that may be linked."""

    provider: int
    person: facts.Person


async def link_user(op: Operation, user: UserRef, provider: ProviderRef, canvas_user_id: str) -> ProviderLinkRef:
    """Link a student of ours to a student's account in Canvas.

    Errors: NotAllowed for students; NotFound for a person, provider or account that does not exist for the viewer;
            NotAStudent on either side; AlreadyLinked, also for the same two; UpstreamUnavailable.
    """
    person = await student(op, user)
    account = await account_of(op, provider, canvas_user_id, person.facility_id)
    async with linking(op, provider.id) as first_login:
        person = await student(op, user)
        await require_unlinked(op, person.id, provider.id, canvas_user_id)
        row = await insert_link(op, person, account, first_login)
        await audit.record(op, "linkUser", ProviderLinkRef(row.id), person.facility_id, None, told(row))
    await logins.start(op, provider.id, [row.login_state])
    return ProviderLinkRef(row.id)


async def unlink_user(op: Operation, link: ProviderLinkRef) -> ProviderLinkRef:
    """End a live link; it stays as history and can be restored for 30 days.

    Errors: NotAllowed for students; NotFound out of scope; Conflict for one that has ended already.
    """
    async with writing(op):
        row, person = await locked_link(op, link)
        if row.unlinked_at is not None:
            raise Conflict("This link has been undone already.", ["linkId"])
        await end_link(op, row)
        await audit.record(op, "unlinkUser", link, person.facility_id, told(row), None)
    return link


async def locked_link(op: Operation, link: ProviderLinkRef) -> tuple[ProviderLink, rows.User]:
    """A link of somebody the viewer may change, and its person; inside a transaction. Errors: NotAllowed, NotFound."""
    row = await lock(ProviderLink.filter(id=link.id)).first()
    person = await _person(op, row.user_id) if row else None
    if row is None or person is None:
        raise NotFound("There is no such link.", ["linkId"])
    return row, require_person(op.scope, person, "linkId")


async def end_link(op: Operation, row: ProviderLink) -> None:
    """Write that a link is over."""
    row.unlinked_at, row.unlinked_by_id, row.undo_until = op.now(), op.scope.user_id, op.now() + UNDO
    await row.save(update_fields=["unlinked_at", "unlinked_by_id", "undo_until"])


@asynccontextmanager
async def linking(op: Operation, provider: int) -> AsyncIterator[LoginState]:
    """One transaction in which links of a provider are made, one after the other: who is second sees what the first did.

    Shape: where the logins of new links begin: PENDING where the organisation's sign-in is registered there, else NONE.
    """
    async with writing(op, **_taken()):
        await lock(Provider.filter(id=provider)).first()
        yield await logins.first_state(provider)


async def student(op: Operation, user: UserRef, path: str = "userId") -> rows.User:
    """An active student whom the viewer may link; inside a transaction nobody changes them until it ends.

    Errors: NotAllowed, NotFound, NotAStudent, Conflict.
    """
    await lock(User.filter(id=user.id)).first()
    person = require_person(op.scope, await _person(op, user.id), path)
    require_active_student(person, path)
    return person


def require_active_student(person: rows.User, path: str) -> None:
    """Raise NotAStudent, or Conflict for somebody deactivated."""
    if person.role is not Role.STUDENT:
        raise NotAStudent("Only students are linked to Canvas accounts.", [path])
    if person.deactivated_at is not None:
        raise Conflict("This person is deactivated.", [path])


async def account_of(
    op: Operation, provider: ProviderRef, canvas_user_id: str, facility_id: int | None, path: str = "canvasUserId"
) -> Account:
    """A student's account of a provider that is on for a facility.

    Source: the provider's people and rosters; Canvas itself for somebody who is newer than those.
    Errors: NotFound, NotAStudent, UpstreamUnavailable.
    """
    known = (await op.loaders.providers()).get(provider.id)
    if known is None or not is_on(known, facility_id):
        raise NotFound("There is no such provider.", ["providerId"])
    found = await canvas_users.students(op.loaders, provider.id)
    if found is None:
        raise unavailable(op.loaders, provider.id)
    person = next((person for person, _ in found.people if person.id == canvas_user_id), None)
    if person is not None:
        return Account(provider.id, person)
    await _require_account(op, provider.id, canvas_user_id, path)
    if not found.complete:
        raise unavailable(op.loaders, provider.id)
    raise NotAStudent("This Canvas account is not a student's.", [path])


async def require_unlinked(op: Operation, user_id: int | None, provider: int, canvas_user_id: str | None) -> None:
    """Raise AlreadyLinked where a live link has one of the sides given; it is named only within the viewer's scope."""
    live = ProviderLink.filter(provider_id=provider, unlinked_at=None)
    mine = await live.filter(user_id=user_id).first() if user_id is not None else None
    theirs = await live.filter(external_user_id=canvas_user_id).first() if canvas_user_id is not None else None
    if mine is not None:
        raise AlreadyLinked("This person is linked to a Canvas account already.", ["userId"], ProviderLinkRef(mine.id))
    if theirs is not None:
        holder = await _person(op, theirs.user_id)
        seen = holder is not None and op.scope.covers_person(holder.id, holder.facility_id)
        other = ProviderLinkRef(theirs.id) if seen else None
        raise AlreadyLinked("This Canvas account is linked to somebody already.", ["canvasUserId"], other)


async def insert_link(
    op: Operation,
    person: rows.User,
    account: Account,
    login: LoginState,
    application: int | None = None,
    *,
    made_person: bool = False,
) -> ProviderLink:
    """Write the link, and drop what waited to be applied for either side; inside `linking`."""
    await drop_drafts(account.provider, [account.person.id], [person.id])
    return await ProviderLink.create(
        user_id=person.id,
        application_id=application,
        made_person=made_person,
        **columns(op, account, login),
    )


def columns(op: Operation, account: Account, login: LoginState) -> dict[str, Any]:
    """What a new link holds besides its person."""
    return {
        "provider_id": account.provider,
        "external_user_id": account.person.id,
        "external_username": account.person.login_id,
        "canvas_name": account.person.name,
        "canvas_name_at": op.now(),
        "login_state": login,
        "linked_at": op.now(),
        "linked_by_id": op.scope.user_id,
    }


async def drop_drafts(provider: int, accounts: Sequence[str], users: Sequence[int]) -> None:
    """Forget confirmations of accounts and people that are linked now; rejections stay."""
    waiting = MatchDraft.filter(provider_id=provider, decision=MatchDecision.CONFIRMED)
    await waiting.filter(Q(canvas_user_id__in=list(accounts)) | Q(user_id__in=list(users))).delete()


def told(row: ProviderLink) -> dict[str, object]:
    """What the audit log says of a link."""
    return {"user_id": row.user_id, "provider_id": row.provider_id, "external_user_id": row.external_user_id}


def _taken() -> dict[str, AlreadyLinked]:
    return {
        "provider_link_live_user": AlreadyLinked("This person is linked to a Canvas account already.", ["userId"]),
        "provider_link_live_external": AlreadyLinked(
            "This Canvas account is linked to somebody already.", ["canvasUserId"]
        ),
    }


async def _person(op: Operation, id: int) -> rows.User | None:
    return next(iter(await users.users_by_ids(op.scope, [id])), None)


async def _require_account(op: Operation, provider: int, canvas_user_id: str, path: str) -> None:
    try:
        found = await show_user(await op.engine.canvases.get(provider), canvas_user_id)
    except UpstreamMissing as error:
        raise NotFound("There is no such Canvas account.", [path]) from error
    except UpstreamError as error:
        raise UpstreamUnavailable(
            "Canvas could not be asked about this account.", provider, error.retry_after
        ) from error
    if isinstance(found, facts.GonePerson):
        raise NotFound("This Canvas account was deleted or merged.", [path])


def unavailable(loaders: Loaders, provider: int) -> UpstreamUnavailable:
    freshness = loaders.facts.peek(PEOPLE, provider, [ACCOUNT])[ACCOUNT].freshness
    message = freshness.message or "Canvas is still being read. Try again in a moment."
    return UpstreamUnavailable(message, provider, freshness.retry_after or loaders.facts.lifetimes.cold_wait)
