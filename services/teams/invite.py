"""Putting single people into a Canvas group: by account where it is known, by e-mail where only that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from canvas.client import Canvas
from canvas.group_memberships import create_membership
from canvas.group_memberships import invite as invite_by_mail
from db import models
from db.queries import teams as queries
from db.queries.users import users_by_ids
from db.transactions import lock
from domain import rows
from domain.enums import Role
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing, UpstreamRejected
from domain.problems import Conflict, InvalidInput, NotAStudent, NotFound
from domain.refs import TeamRef
from domain.teams import Team
from services.access import require_role
from services.operation import Operation
from services.teams.course_now import client, told
from services.teams.members import put_members
from services.writing import writing

MOST = 50
REFUSALS = (UpstreamForbidden, UpstreamMissing, UpstreamRejected)


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of one person or address: ADDED, INVITED, ASKED, REFUSED, NO_ADDRESS or FAILED."""

    user_id: int | None
    email: str | None
    outcome: str


async def invite_to_group(op: Operation, ref: TeamRef, user_ids: Sequence[int], emails: Sequence[str]) -> list[Invited]:
    """Put people into the team and its group at once; addresses are invited, which department admins may do.

    Errors: NotAllowed, NotFound, InvalidInput, Conflict for a team without a group, UpstreamUnavailable.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "push memberships")
    team, people = await _checked(op, ref, user_ids, emails)
    accounts = await queries.accounts_of((team.provider_id or 0, person.id) for person in people)
    linked = {person.id: accounts.get((team.provider_id or 0, person.id)) for person in people}
    addresses: dict[str, int | None] = dict.fromkeys(emails)
    addresses |= {person.email: person.id for person in people if linked[person.id] is None and person.email}
    if addresses:
        require_role(op.scope, Role.DEPARTMENT_ADMIN, "invite people by e-mail")
    canvas = await client(op.engine, team.provider_id or 0)
    known = {person.id: account for person in people if (account := linked[person.id]) is not None}
    added = await _by_account(canvas, team, known)
    done = {known[one.user_id]: one.user_id for one in added if one.user_id and one.outcome == "ADDED"}
    if done:
        await _remember(op, ref, done)
    silent = [Invited(row.id, None, "NO_ADDRESS") for row in people if row.id not in known and not row.email]
    return [*added, *silent, *await _by_mail(canvas, team, addresses, any_done=bool(done))]


async def _checked(
    op: Operation, ref: TeamRef, user_ids: Sequence[int], emails: Sequence[str]
) -> tuple[Team, list[rows.User]]:
    if not (user_ids or emails) or len(user_ids) + len(emails) > MOST:
        raise InvalidInput(f"Name 1 to {MOST} people or addresses.", ["userIds"])
    if any("@" not in address or any(c.isspace() for c in address) for address in emails):
        raise InvalidInput("This is not an e-mail address.", ["emails"])
    team = next(iter(await queries.teams_by_ids(op.scope, [ref.id])), None)
    if team is None:
        raise NotFound("There is no such team.", ["teamId"])
    if team.canvas_group_id is None or team.gone_at is not None:
        raise Conflict("This team has no group in Canvas. Publish it first.", ["teamId"])
    found = {row.id: row for row in await users_by_ids(op.scope, user_ids)}
    if not set(user_ids) <= set(found):
        raise NotFound("There is no such person.", ["userIds"])
    if any(row.role is not Role.STUDENT or row.deactivated_at is not None for row in found.values()):
        raise NotAStudent("Only active students are in teams.", ["userIds"])
    return team, [found[id] for id in dict.fromkeys(user_ids)]


async def _by_account(canvas: Canvas, team: Team, accounts: Mapping[int, str]) -> list[Invited]:
    """One after the other. Errors: only where nobody was put in before Canvas could not be asked any more."""
    found: list[Invited] = []
    for person, account in accounts.items():
        try:
            await create_membership(canvas, team.canvas_group_id or "", account)
        except REFUSALS:
            found.append(Invited(person, None, "REFUSED"))
        except UpstreamError as error:
            if not any(one.outcome == "ADDED" for one in found):
                raise told(error) from error
            return [*found, *(Invited(id, None, "FAILED") for id in list(accounts)[len(found) :])]
        else:
            found.append(Invited(person, None, "ADDED"))
    return found


async def _by_mail(canvas: Canvas, team: Team, addresses: Mapping[str, int | None], *, any_done: bool) -> list[Invited]:
    if not addresses:
        return []
    try:
        invited = await invite_by_mail(canvas, team.canvas_group_id or "", list(addresses))
    except REFUSALS:
        return [Invited(person, address, "REFUSED") for address, person in addresses.items()]
    except UpstreamError as error:
        if not any_done:
            raise told(error) from error
        return [Invited(person, address, "FAILED") for address, person in addresses.items()]
    outcome = "INVITED" if len(invited) == len(addresses) else "ASKED"
    return [Invited(person, address, outcome) for address, person in addresses.items()]


async def _remember(op: Operation, ref: TeamRef, done: dict[str, int]) -> None:
    """They are in the team here too, and both sides know it."""
    async with writing(op):
        row = await lock(models.Team.filter(id=ref.id)).get()
        members = models.TeamMembership.filter(team_id=ref.id, until=None)
        now = [person for (person,) in await members.values_list("user_id")]
        mine = {person.id for person in await users_by_ids(op.scope, now)}
        await put_members(op, row, [*(id for id in now if id in mine), *done.values()], "inviteToGroup")
        row.seen = {**(row.seen or {}), **done}
        await row.save(update_fields=["seen"])
        siblings = models.Team.filter(provider_id=row.provider_id, canvas_set_id=row.canvas_set_id, deleted_at=None)
        for other in await lock(siblings.exclude(id=row.id)):
            if set(other.seen or {}) & set(done):
                other.seen = {account: person for account, person in (other.seen or {}).items() if account not in done}
                await other.save(update_fields=["seen"])
