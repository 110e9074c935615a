"""People for group members whom nobody here is linked to, where the caller asked for it (D-07)."""

from __future__ import annotations

from collections.abc import Mapping

from canvas.users import show_user
from domain import facts
from domain.enums import Role
from domain.errors import UpstreamError
from domain.problems import Problem
from domain.refs import ProviderRef, UserRef
from loaders.kinds import ROSTER
from services.linking import link_user
from services.run import Run
from services.teams.course_state import linked_people
from services.user_changes import UserFields, create_user

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
        ref = await _new_person(run, provider, person)
        await link_user(run.op, ref, ProviderRef(provider), account)
        run.count(created=1)
    except (Problem, UpstreamError):
        run.issue("NOT_CREATED", "No person could be made for this Canvas account.", canvas_user_id=account)


async def _new_person(run: Run, provider: int, person: facts.Person) -> UserRef:
    first, last = names_of(person)
    username = person.login_id or f"canvas-{provider}-{person.id}"
    fields = UserFields(
        username=username,
        first_name=first,
        last_name=last,
        email=None,
        role=Role.STUDENT,
        facility_id=run.op.scope.facility_id,
    )
    return await create_user(run.op, fields)


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
