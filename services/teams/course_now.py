"""One course as Canvas shows it now, for plans and pushes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from canvas.client import Canvas, side_by_side
from canvas.enrollments import list_roster
from canvas.errors import GraphqlUnavailable
from canvas.group_rules import show_set_rules
from canvas.rosters import list_rosters
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing
from domain.facts import CourseGroups, Roster
from domain.freshness import MESSAGES
from domain.problems import UpstreamRefused, UpstreamUnavailable
from domain.refs import CanvasClassRef
from services.operation import Engine
from services.teams.compare import Rules
from services.teams.reading import read_groups

Members = dict[str, frozenset[str]]
"""Canvas group id → the accounts in it; groups that hide their members are absent."""


async def client(engine: Engine, provider: int) -> Canvas:
    """Errors: UpstreamUnavailable for a provider that is off or has no usable access key."""
    try:
        return await engine.canvases.get(provider)
    except UpstreamError as error:
        raise told(error) from error


def told(error: UpstreamError) -> UpstreamUnavailable | UpstreamRefused:
    """Why Canvas could not be asked, as a problem of the person who wanted it."""
    message = MESSAGES.get(error.reason, "Canvas could not be asked.")
    if isinstance(error, UpstreamForbidden | UpstreamMissing):
        return UpstreamRefused(message)
    return UpstreamUnavailable(message, error.provider, error.retry_after)


async def groups_now(canvas: Canvas, ref: CanvasClassRef, *, student_organized: bool = False) -> CourseGroups:
    """Source: as `read_groups`. Errors: UpstreamUnavailable, UpstreamRefused."""
    try:
        answer = (await read_groups(canvas, [ref.course_id], student_organized=student_organized))[ref.course_id]
    except UpstreamError as error:
        raise told(error) from error
    if isinstance(answer, UpstreamError):
        raise told(answer) from answer
    return answer


def members_of(found: CourseGroups) -> Members:
    """Who is in which group; invited and requested ones are not in yet."""
    return {
        group.id: frozenset(member.user_id for member in group.members if member.state == "accepted")
        for one in found.sets
        for group in one.groups
        if group.members is not None
    }


async def rules_now(canvas: Canvas, ref: CanvasClassRef, set_ids: Iterable[str]) -> Rules:
    """Who may be in which group of those sets.

    Source: the course's roster, and two REST calls a set.
    Errors: UpstreamUnavailable, UpstreamRefused.
    """
    try:
        roster = await _roster(canvas, ref.course_id)
        wanted = sorted(set(set_ids))
        found = dict(zip(wanted, await side_by_side(show_set_rules(canvas, id) for id in wanted), strict=True))
    except UpstreamError as error:
        raise told(error) from error
    return Rules(
        sections=sections_of(roster),
        limits={group: limit for rules in found.values() for group, limit in rules.limits.items()},
        by_section=[id for id, rules in found.items() if rules.by_section],
    )


def sections_of(roster: Roster) -> dict[str, Sequence[str]]:
    """Everybody in the course and the sections they study in."""
    found: dict[str, Sequence[str]] = {person.user_id: () for person in roster.staff}
    return found | {student.user_id: student.section_ids for student in roster.students}


async def _roster(canvas: Canvas, course_id: str) -> Roster:
    try:
        answer = (await list_rosters(canvas, [course_id]))[course_id]
    except GraphqlUnavailable:
        answer = await list_roster(canvas, course_id)
    if isinstance(answer, UpstreamError):
        raise answer
    return answer
