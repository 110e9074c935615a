"""What `homeroom sync` does: pull, plan or push from a terminal, in this process, with progress told on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from db.models import Provider, Team
from domain import runs as rows
from domain.enums import ProviderState, Source
from domain.names import fold
from domain.problems import NotFound, Problem
from domain.refs import CanvasClassRef, ProviderRef, PushPlanRef, SyncRunRef
from loaders.kinds import ACCOUNT, COURSES
from services.operation import Operation
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from services.runs import runs_by_ids, updates
from services.teams.plan import plan_memberships, plans_by_ids
from services.teams.pull import Options, sync_teams
from services.teams.push import push_memberships

Mode = Literal["pull", "plan", "push"]
OnProgress = Callable[[str, rows.SyncRun], None]
"""Called with the class's name (the provider's for a pull) and the run after every change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary: a pulled provider or class, or a planned or pushed class. `run_id` for its issues."""

    name: str
    state: str
    created: int
    updated: int
    removed: int
    unchanged: int
    skipped: int
    message: str | None
    run_id: int | None = None

    @property
    def failed(self) -> bool:
        return self.state in {"FAILED", "CANCELLED", "REFUSED"}


async def sync_command(
    op: Operation,
    provider: str,
    school_class: str | None = None,
    mode: Mode = "pull",
    options: Options | None = None,
    on_progress: OnProgress = lambda _name, _run: None,
) -> list[Line]:
    """One line per thing done. `school_class` is a course's name or Canvas id; without one every class of the provider.

    Errors: NotFound for a provider or class; other problems of single classes are lines of the state REFUSED.
    """
    number, name = await provider_of(provider)
    chosen = options or Options()
    if mode == "pull":
        subject = await _class(op, number, school_class) if school_class else ProviderRef(number)
        ref = await sync_teams(op, subject, chosen)
        return [await _followed(op, school_class or name, ref, on_progress)]
    courses = [await _class(op, number, school_class)] if school_class else await _with_teams(number)
    names = await _names(op, number)
    found = []
    for course in courses:
        told = names.get(course.course_id, course.course_id)
        try:
            found.append(await _planned(op, told, course, mode, chosen.override, on_progress))
        except Problem as problem:
            found.append(Line(told, "REFUSED", 0, 0, 0, 0, 0, problem.message))
    return found


async def provider_of(name: str) -> tuple[int, str]:
    """(number, name) of an enabled provider. Errors: NotFound."""
    row = await Provider.get_or_none(sort_key=fold(name.strip()), state=ProviderState.ENABLED)
    if row is None:
        raise NotFound("There is no enabled provider of that name.")
    return row.id, row.name


async def _class(op: Operation, provider: int, wanted: str) -> CanvasClassRef:
    names = await _names(op, provider)
    found = [id for id, name in names.items() if wanted == id or fold(wanted.strip()) == fold(name)]
    if len(found) != 1:
        raise NotFound(
            "There is no such class." if not found else "Several classes have that name: give the course's id."
        )
    return CanvasClassRef(provider, found[0])


async def _names(op: Operation, provider: int) -> dict[str, str]:
    facts = op.engine.facts
    await facts.refresh(COURSES, provider, [ACCOUNT])
    listed = facts.peek(COURSES, provider, [ACCOUNT])[ACCOUNT].value
    return {course.id: course.name for course in listed.courses if course.published} if listed else {}


async def _with_teams(provider: int) -> list[CanvasClassRef]:
    teams = Team.filter(provider_id=provider, source=Source.CANVAS, deleted_at=None, gone_at=None)
    courses = {id for (id,) in await teams.values_list("course_id") if id}
    return [CanvasClassRef(provider, id) for id in sorted(courses)]


async def _planned(
    op: Operation, name: str, course: CanvasClassRef, mode: Mode, override: str | None, on_progress: OnProgress
) -> Line:
    ref = await plan_memberships(op, course)
    if mode == "plan":
        return await _plan_line(op, name, ref)
    answer = await push_memberships(op, ref, override)
    if not isinstance(answer, SyncRunRef):
        raise answer[0]
    return await _followed(op, name, answer, on_progress)


async def _plan_line(op: Operation, name: str, ref: PushPlanRef) -> Line:
    (plan,) = await plans_by_ids(op.loaders, [ref.id])
    changes: Sequence[object] = plan.changes if plan else ()
    counts = [sum(len(getattr(change, part)) for change in changes) for part in ("adds", "moves", "removes", "skipped")]
    keeps = sum(change.keeps for change in plan.changes) if plan else 0
    return Line(name, "PLANNED", counts[0], counts[1], counts[2], keeps, counts[3], plan.brake if plan else None)


async def _followed(op: Operation, name: str, ref: SyncRunRef, on_progress: OnProgress) -> Line:
    """Carry the run out here, unless another process has it already, and follow it to its end."""
    work = asyncio.create_task(carry_out(op.engine, ref.id, HANDLERS, Pace()))
    try:
        async for run in updates(op, ref):
            on_progress(name, run)
    finally:
        await work
    (row,) = await runs_by_ids(op.loaders, [ref.id])
    if row is None:
        raise NotFound("There is no such run.")
    counts = (row.created, row.updated, row.removed, row.unchanged, row.skipped)
    return Line(name, row.state, *counts, row.message, row.id)
