"""Making a Canvas account for one of our people, and linking the two."""

from __future__ import annotations

from canvas.client import Canvas
from canvas.users import NewUser, create_user, search_users
from domain import facts, rows
from domain.enums import LoginState, Role
from domain.errors import PERMANENT, UpstreamCredentials, UpstreamError, UpstreamRejected
from domain.freshness import MESSAGES
from domain.problems import LoginTaken, NotAStudent, UpstreamRefused, UpstreamUnavailable
from domain.refs import ProviderLinkRef, ProviderRef, UserRef
from services import audit, canvas_users, logins
from services.access import require_role
from services.linking import Account, insert_link, linking, require_unlinked, student, told, unavailable
from services.match_sides import provider_of
from services.operation import Operation

SHORTEST_SEARCH = 3
TAKEN = "Somebody in Canvas has this login already. Link that account if it is theirs."
UNSURE = "Canvas did not answer in time, and the account may have been made. Try again: it is looked for first."


async def create_canvas_account(
    op: Operation, user: UserRef, provider: ProviderRef, *, link_existing: bool = False
) -> ProviderLinkRef:
    """A Canvas account with the person's user name as its login, linked to them.

    Source: a search for the login, then one request that makes the account; after a timeout another search.
    Shape:  `link_existing` links the account that has the login, unless it is staff's. One in no course may be a Canvas
            admin's: a facility admin neither sees nor links it. While rosters are missing nobody can tell whose it is.
    Errors: NotAllowed for students, and below department admin for an account in no course; NotFound; NotAStudent;
            Conflict for somebody deactivated; AlreadyLinked; LoginTaken; UpstreamRefused where Canvas said no;
            UpstreamUnavailable.
    """
    person = await student(op, user)
    await provider_of(op.loaders, provider.id, person)
    await require_unlinked(op, person.id, provider.id, None)
    used = await logins.registration(provider.id)
    sign_in = used.canvas_provider_id if used else None
    account = await _account(op, provider.id, _new(person, sign_in), link_existing=link_existing)
    async with linking(op, provider.id) as login:
        person = await student(op, user)
        await require_unlinked(op, person.id, provider.id, account.id)
        state = login if link_existing or sign_in is None else LoginState.READY
        row = await insert_link(op, person, Account(provider.id, account), state)
        ref = ProviderLinkRef(row.id)
        await audit.record(op, "createCanvasAccount", ref, person.facility_id, None, told(row))
    await logins.start(op, provider.id, [state])
    return ref


async def _account(op: Operation, provider: int, new: NewUser, *, link_existing: bool) -> facts.Person:
    try:
        canvas = await op.engine.canvases.get(provider)
        holder = await _holder(canvas, new.login_id)
        if holder is None:
            return await _make(canvas, new)
    except UpstreamRejected as error:
        holder = await _holder_of_taken(canvas, new, error)
    except (UpstreamCredentials, *PERMANENT) as error:
        raise UpstreamRefused(MESSAGES[error.reason]) from error
    except UpstreamError as error:
        raise UpstreamUnavailable(MESSAGES[error.reason], provider, error.retry_after) from error
    roles, complete = await canvas_users.roles_of(op.loaders, provider, holder.id)
    is_student = canvas_users.STUDENT_ROLE in roles
    if not (is_student or complete):
        raise unavailable(op.loaders, provider)
    if not link_existing:
        raise LoginTaken(TAKEN, ["userId"], holder if is_student or op.scope.everywhere else None, roles)
    if roles and not is_student:
        raise NotAStudent("The Canvas account with this login is not a student's.", ["userId"])
    if not is_student:
        require_role(op.scope, Role.DEPARTMENT_ADMIN, "link an account that is in no course: it may be an admin's")
    return holder


async def _make(canvas: Canvas, new: NewUser) -> facts.Person:
    """The new account; after a timeout the one that was made all the same."""
    try:
        return await create_user(canvas, new)
    except (UpstreamCredentials, *PERMANENT):
        raise
    except UpstreamError as error:
        try:
            made = await _holder(canvas, new.login_id)
        except UpstreamError:
            made = None
        if made is None:
            raise UpstreamUnavailable(UNSURE, canvas.provider, error.retry_after) from error
        return made


async def _holder(canvas: Canvas, login: str) -> facts.Person | None:
    """Who has exactly that login. Quirk: Canvas searches for three characters or more, in many fields at once."""
    if len(login) < SHORTEST_SEARCH:
        return None
    found = await search_users(canvas, login)
    return next((person for person in found if (person.login_id or "").casefold() == login.casefold()), None)


async def _holder_of_taken(canvas: Canvas, new: NewUser, error: UpstreamRejected) -> facts.Person:
    """The account that Canvas means by "taken". Errors: UpstreamRefused where it is another fault, or is hidden."""
    holder = await _holder(canvas, new.login_id) if "taken" in error.types else None
    if holder is None:
        taken = "This login is taken in Canvas by an account that homeroom may not see."
        at_fault = f"Canvas did not accept: {', '.join(error.fields) or 'this person'}."
        raise UpstreamRefused(taken if "taken" in error.types else at_fault, ["userId"]) from error
    return holder


def _new(person: rows.User, sign_in: str | None) -> NewUser:
    sortable = ", ".join(filter(None, (person.last_name, person.first_name)))
    return NewUser(person.full_name, sortable, person.username, person.email, person.doc_id, sign_in)
