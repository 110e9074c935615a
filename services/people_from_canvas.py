"""Making a person of ours from a Canvas account, and linking the two in the same step (AC-06)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain import facts, rows
from domain.enums import LoginState, Role
from domain.problems import InvalidInput
from domain.refs import MatchApplicationRef, ProviderLinkRef, ProviderRef, UserRef
from services import audit, logins
from services.access import require_facility, require_role
from services.link_restoring import open_application
from services.linking import Account, account_of, insert_link, linking, require_unlinked, student, told
from services.operation import Operation
from services.user_changes import TAKEN, UserFields, create_user
from services.writing import writing


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is known of somebody to be made. What is None is taken from the account, as `suggested` has it."""

    canvas_user_id: str
    facility: int | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    doc_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    user: UserRef
    link: ProviderLinkRef
    application: MatchApplicationRef


def suggested(person: facts.Person) -> NewPerson:
    """What an account says of its person, to be looked over before it is used; what it does not say is None.

    Quirk: names come from "Last, First" where that is given, else the last word of the display name is the last name;
           a login that has spaces is no user name; an e-mail is never made up (W-04).
    """
    first, last = person.names
    if not first:
        given, _, family = (person.name or last or "").strip().rpartition(" ")
        first, last = (given, family) if given else (family, "")
    login = person.login_id if person.login_id and " " not in person.login_id else None
    return NewPerson(person.id, None, first or None, last or "", login, person.sis_user_id, person.email)


async def create_user_from_canvas(op: Operation, provider: ProviderRef, person: NewPerson) -> Made:
    """A new student, linked to the account; one application, which can be undone as a whole.

    Errors: as `create_person`.
    """
    return await create_person(op, provider.id, person, None)


async def create_person(
    op: Operation, provider: int, person: NewPerson, application: MatchApplicationRef | None
) -> Made:
    """The same as a part of an application; None: one of its own.

    Errors: NotAllowed for students; NotFound for a facility, provider or account; NotAStudent; AlreadyLinked; InvalidInput
            without a facility or a user name; NameTaken for a user name or document id; UpstreamUnavailable.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "create people")
    facility = op.scope.facility_id if person.facility is None else person.facility
    if facility is None:
        raise InvalidInput("Say at which facility the person is.", ["facilityId"])
    require_facility(op.scope, facility, "facilityId")
    account = await account_of(op, ProviderRef(provider), person.canvas_user_id, facility)
    fields = _fields(person, suggested(account.person), facility)
    async with making_person(op, account, fields) as (someone, login):
        ref = application or await open_application(op, provider)
        row = await insert_link(op, someone, account, login, ref.id, made_person=True)
        await audit.record(op, "createUserFromCanvas", ProviderLinkRef(row.id), facility, None, told(row))
    await logins.start(op, provider, [row.login_state])
    return Made(someone.ref, ProviderLinkRef(row.id), ref)


@asynccontextmanager
async def making_person(
    op: Operation, account: Account, fields: UserFields
) -> AsyncIterator[tuple[rows.User, LoginState]]:
    """One transaction in which somebody is made and then linked to an account that nobody has: both or neither.

    Shape:  the new person, and where their login begins.
    Errors: AlreadyLinked; those of `create_user`.
    """
    async with writing(op, **TAKEN), linking(op, account.provider) as login:
        await require_unlinked(op, None, account.provider, account.person.id)
        yield await student(op, await create_user(op, fields)), login


def _fields(person: NewPerson, known: NewPerson, facility: int) -> UserFields:
    def of(name: str) -> str | None:
        value: str | None = getattr(person, name)
        return getattr(known, name) if value is None else value

    return {
        "username": of("username") or "",
        "first_name": of("first_name") or "",
        "last_name": of("last_name") or "",
        "doc_id": of("doc_id"),
        "email": of("email"),
        "facility_id": facility,
    }
