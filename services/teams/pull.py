"""Canvas groups in: one class, or every course of a provider (G-03 to G-08, D-07, D-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from canvas.course_groups import COURSES_A_REQUEST
from domain.enums import Role, SyncKind
from domain.errors import UpstreamError
from domain.facts import CourseGroups
from domain.freshness import MESSAGES
from domain.problems import NotFound, UpstreamUnavailable
from domain.refs import CanvasClassRef, ProviderRef, SyncRunRef
from domain.teams import NO_GROUPS
from loaders.kinds import ACCOUNT, COURSES
from services.access import require_role
from services.classes import classes_by_refs
from services.course_leases import holder, take
from services.operation import Operation
from services.pacing import paced
from services.run import Run
from services.runs import Asked, start
from services.teams.applying import apply_course, keep_unchanged
from services.teams.brake import brake, may_override, require_override
from services.teams.course_state import Comparison, compare, here_of, linked_people
from services.teams.newcomers import create_missing
from services.teams.own import Within, people_within
from services.teams.reading import read_groups


@dataclass(frozen=True, slots=True)
class Options:
    """`remove_stale` deletes teams whose group has vanished; `create_missing` makes people of unlinked members."""

    remove_stale: bool = False
    create_missing: bool = False
    student_organized: bool = False
    override: str | None = None


def parameters_of(options: Options) -> dict[str, bool | str | None]:
    """As a run keeps them."""
    return {name: getattr(options, name) for name in options.__slots__}


@dataclass(slots=True)
class _Pull:
    """What one attempt has read. `there` holds the courses that could be read."""

    run: Run
    provider: int
    options: Options
    there: dict[str, CourseGroups] = field(default_factory=dict)


async def sync_teams(op: Operation, subject: CanvasClassRef | ProviderRef, options: Options) -> SyncRunRef:
    """Ask for a pull, or join the one that is under way.

    Errors: NotAllowed for students, and below department admin for `removeStale` and an override; NotFound.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "synchronise teams")
    may_override(op, options.override)
    if options.remove_stale:
        require_role(op.scope, Role.DEPARTMENT_ADMIN, "remove teams whose groups have vanished")
    parameters = parameters_of(options)
    if isinstance(subject, ProviderRef):
        if subject.id not in await op.loaders.providers():
            raise NotFound("There is no such provider.", ["providerId"])
        asked = Asked(SyncKind.PULL_TEAMS, subject.id, None, parameters, alone=f"pull:{subject.id}")
    else:
        await require_class(op, subject)
        busy = await holder(subject, SyncKind.PULL_TEAMS)
        if busy is not None:
            return SyncRunRef(busy)
        alone = f"pull:{subject.provider}:{subject.course_id}"
        asked = Asked(SyncKind.PULL_TEAMS, None, subject, parameters, alone=alone)
    return await start(op, asked, "syncTeams")


async def require_class(op: Operation, ref: CanvasClassRef, path: str = "classId") -> None:
    """Raise NotFound for a Canvas class that does not exist for the viewer, UpstreamUnavailable where nobody knows."""
    (row,) = await classes_by_refs(op.loaders, [ref])
    if row is not None:
        return
    if ref.provider in await op.loaders.providers():
        listed = op.engine.facts.peek(COURSES, ref.provider, [ACCOUNT])[ACCOUNT]
        if listed.value is None:
            raise UpstreamUnavailable("Canvas cannot be reached just now.", ref.provider, listed.freshness.retry_after)
    raise NotFound("There is no such class.", [path])


async def pull_teams(run: Run) -> None:
    """The handler: read everything, decide, and only then write, course by course."""
    await _pull(_Pull(run, run.provider, Options(**run.parameters)))


async def pull_course(run: Run) -> None:
    """Take over the groups of the one class that another kind of run has just changed in Canvas."""
    await _pull(_Pull(run, run.provider, Options()))


async def _pull(pull: _Pull) -> None:
    run = pull.run
    await run.step("syncing_groups")
    await _read(pull, await _courses(pull))
    found = await _compare(pull)
    _brake(pull, found)
    if pull.options.create_missing:
        await create_missing(run, pull.provider, pull.there)
        found = await _compare(pull)
    await _write(pull, found)
    if pull.there and not any(one.sets for one in pull.there.values()):
        run.say(NO_GROUPS)


async def _write(pull: _Pull, found: Sequence[Comparison]) -> None:
    """Courses whose teams change first, then those whose members do; the rest was only looked at."""
    within = await people_within(pull.run.op.scope)
    saved = [one for one in found if one.changes_teams or (one.gone and _may_remove(pull, one))]
    done = {one.ref for one in saved}
    changed = [one for one in found if one.changes and one.ref not in done]
    done |= {one.ref for one in changed}
    same = [one for one in found if one.ref not in done]
    if saved:
        await pull.run.step("saving_groups", sum(one.size for one in saved))
        await _apply(pull, saved, within)
    if changed or any(one.size for one in same):
        await pull.run.step("syncing_members", sum(one.size for one in (*changed, *same)))
        await _apply(pull, changed, within)
    await keep_unchanged(pull.run, same, pull.there, within)
    await pull.run.advance(sum(one.size for one in same))


def _brake(pull: _Pull, found: Sequence[Comparison]) -> None:
    """Raise OverrideRequired before the first write."""
    may = {one.ref: _may_remove(pull, one) for one in found}
    tripped = brake(
        (row for one in found for row in one.removals(remove_stale=may[one.ref])),
        (one.vanished(remove_stale=may[one.ref]) for one in found),
    )
    require_override(tripped, pull.options.override, in_numbers=pull.run.op.scope.everywhere)


async def _courses(pull: _Pull) -> list[str]:
    if isinstance(pull.run.school_class, CanvasClassRef):
        return [pull.run.school_class.course_id]
    facts = pull.run.op.engine.facts
    listed = (await facts.read(COURSES, pull.provider, [ACCOUNT]))[ACCOUNT]
    if listed.value is None:
        await facts.refresh(COURSES, pull.provider, [ACCOUNT])
        listed = facts.peek(COURSES, pull.provider, [ACCOUNT])[ACCOUNT]
    if listed.value is None:
        raise UpstreamUnavailable(listed.freshness.message or "Canvas cannot be reached.", pull.provider)
    return [course.id for course in listed.value.courses if course.published]


async def _read(pull: _Pull, courses: Sequence[str]) -> None:
    """Read what can be read; a course that fails is an issue and stops nothing else."""
    run = pull.run
    canvas = await run.op.engine.canvases.get(pull.provider)
    await run.step("fetching_groups", len(courses))
    unread: list[str] = []
    for at in range(0, len(courses), COURSES_A_REQUEST):
        batch = courses[at : at + COURSES_A_REQUEST]
        held = await take(run, pull.provider, batch)
        for id in set(batch) - held:
            run.issue("COURSE_BUSY", "Another run works on this course; it was left out.", course_id=id)
        wanted = [id for id in batch if id in held]
        found = await read_groups(canvas, wanted, student_organized=pull.options.student_organized)
        for id in wanted:
            answer = found[id]
            if isinstance(answer, UpstreamError):
                text = MESSAGES.get(answer.reason, "Canvas could not be asked.")
                run.issue("COURSE_UNREADABLE", text, course_id=id)
                run.count(skipped=1)
                unread.append(text)
            else:
                pull.there[id] = answer
        await run.advance(len(batch))
    if courses and len(unread) == len(courses):
        text = "The groups of this class could not be read." if len(courses) == 1 else "No class could be read."
        raise UpstreamUnavailable(" ".join([text, *dict.fromkeys(unread)]), pull.provider)


async def _compare(pull: _Pull) -> list[Comparison]:
    people, here = await linked_people(pull.provider), await here_of(pull.provider, list(pull.there))
    organized = pull.options.student_organized
    return [
        compare(CanvasClassRef(pull.provider, id), there, here[id], people, student_organized=organized)
        async for id, there in paced(pull.there.items())
    ]


def _may_remove(pull: _Pull, one: Comparison) -> bool:
    return pull.options.remove_stale and pull.there[one.ref.course_id].complete


async def _apply(pull: _Pull, found: Sequence[Comparison], within: Within) -> None:
    people = await linked_people(pull.provider)
    for one in found:
        await apply_course(
            pull.run,
            one.ref,
            pull.there[one.ref.course_id],
            people,
            student_organized=pull.options.student_organized,
            remove_stale=_may_remove(pull, one),
            within=within,
        )
        await pull.run.advance(one.size)
