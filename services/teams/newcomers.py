"""People for group members whom nobody here is linked to, where the caller asked for it (D-07)."""

from __future__ import annotations

from collections.abc import Mapping

from canvas.users import show_user
from domain import facts
from domain.enums import Role
from domain.errors import UpstreamError
from domain.problems import Problem
from domain.refs import ProviderLinkRef, ProviderRef
from loaders.kinds import ROSTER
from services import audit, logins
from services.linking import Account, account_of, insert_link, told
from services.operation import Operation
from services.people_from_canvas import making_person
from services.run import Run
from services.teams.course_state import linked_people
from services.user_changes import UserFields

UNKNOWN = "Unknown"


async def create_missing(run: Run, provider: int, there: Mapping[str, facts.CourseGroups]) -> None:
    """Make and link a person of no record but their name for every unlinked member who is a student of the course.

    Shape:  in the requester's facility, or in none; whoever cannot be made is an issue.
    """
    linked = await linked_people(provider)
    wanted = {id: course for course, found in there.items() for id in _members(found) if id not in linked}
    await run.step("creating_people", len(wanted))
    for id, course in wanted.items():
        if await _is_student(run, provider, course, id):
            await _create(run, provider, id)
        await run.advance()


async def _is_student(run: Run, provider: int, course: str, account: str) -> bool:
    roster = (await run.op.engine.facts.read(ROSTER, provider, [course]))[course].value
    return roster is not None and any(student.user_id == account for student in roster.students)


async def _create(run: Run, provider: int, account: str) -> None:
    try:
        canvas = await run.op.engine.canvases.get(provider)
        person = await show_user(canvas, account)
        if isinstance(person, facts.GonePerson):
            return
        fields = _fields(run, provider, person)
        known = await account_of(run.op, ProviderRef(provider), account, fields["facility_id"])
        await _link(run.op, known, fields)
        run.count(created=1)
    except (Problem, UpstreamError):
        run.issue("NOT_CREATED", "No person could be made for this Canvas account.", canvas_user_id=account)


async def _link(op: Operation, account: Account, fields: UserFields) -> None:
    async with making_person(op, account, fields) as (someone, login):
        row = await insert_link(op, someone, account, login)
        await audit.record(op, "linkUser", ProviderLinkRef(row.id), someone.facility_id, None, told(row))
    await logins.start(op, account.provider, [row.login_state])


def _fields(run: Run, provider: int, person: facts.Person) -> UserFields:
    first, last = names_of(person)
    return UserFields(
        username=person.login_id or f"canvas-{provider}-{person.id}",
        first_name=first,
        last_name=last,
        email=None,
        role=Role.STUDENT,
        facility_id=run.op.scope.facility_id,
    )


def names_of(person: facts.Person) -> tuple[str, str]:
    """(first, last) from the sortable name; else the first word of the name and the rest."""
    first, last = person.names
    if first and last:
        return first, last
    words = (person.name or "").split()
    return (words[0], " ".join(words[1:]) or UNKNOWN) if words else (UNKNOWN, UNKNOWN)


def _members(found: facts.CourseGroups) -> set[str]:
    groups = [group for one in found.sets for group in one.groups]
    return {member.user_id for group in groups for member in group.members or () if member.state == "accepted"}
