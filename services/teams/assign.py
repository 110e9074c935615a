"""Letting Canvas spread the students without a group over a set, and taking over what it did."""

from __future__ import annotations

import asyncio
from typing import cast

from canvas.groups import assign_unassigned, start_assigning_unassigned
from canvas.progress import show_progress
from domain.enums import Role, SyncKind
from domain.errors import UpstreamError, UpstreamRejected
from domain.problems import Conflict, NotFound, UpstreamRefused, UpstreamUnavailable
from domain.refs import CanvasClassRef, SyncRunRef
from services.access import require_role
from services.course_leases import take
from services.operation import Operation
from services.run import Run
from services.runs import Asked, start
from services.teams.course_now import client, groups_now, told
from services.teams.pull import pull_course, require_class

POLL_SECONDS = (0.2, 0.5, 1.0, 2.0)
LONGEST = 600.0


async def assign_to_groups(op: Operation, ref: CanvasClassRef, group_set: str, *, sync: bool) -> SyncRunRef:
    """Ask for it. `group_set`: its name or Canvas id; `sync`: Canvas answers when done, else a job of its own is followed.

    Errors: NotAllowed below department admin; NotFound for a class or group set; UpstreamUnavailable, UpstreamRefused.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "let Canvas assign students")
    await require_class(op, ref)
    there = await groups_now(await client(op.engine, ref.provider), ref)
    found = next((one for one in there.sets if group_set in (one.id, one.name)), None)
    if found is None:
        raise NotFound("There is no such group set in this class.", ["canvasGroupSet"])
    alone = f"assign:{ref.provider}:{ref.course_id}:{found.id}"
    asked = Asked(SyncKind.ASSIGN_UNASSIGNED, None, ref, {"set_id": found.id, "sync": sync}, alone=alone)
    return await start(op, asked, "assignUnassigned")


async def assign(run: Run) -> None:
    """The handler. Repeating it assigns those who still have no group."""
    ref = cast("CanvasClassRef", run.school_class)
    if ref.course_id not in await take(run, ref.provider, [ref.course_id]):
        raise Conflict("Another run works on this class. Try again when it has ended.")
    set_id = str(run.parameters["set_id"])
    try:
        await (_at_once if run.parameters["sync"] else _followed)(run, ref, set_id)
    except UpstreamRejected as error:
        text = "Canvas assigns nobody to student-organised groups and to groups limited to a section."
        raise UpstreamRefused(text) from error
    except UpstreamError as error:
        raise told(error) from error
    except TimeoutError as error:
        raise UpstreamUnavailable("Canvas is still assigning. Pull this class later.", ref.provider) from error
    await pull_course(run)


async def _at_once(run: Run, ref: CanvasClassRef, set_id: str) -> None:
    await run.step("assigning")
    await assign_unassigned(await client(run.op.engine, ref.provider), set_id)


async def _followed(run: Run, ref: CanvasClassRef, set_id: str) -> None:
    canvas = await client(run.op.engine, ref.provider)
    await run.step("assigning", 100)
    job = await start_assigning_unassigned(canvas, set_id)
    done, turn = 0, 0
    async with asyncio.timeout(LONGEST):
        while not job.finished:
            await asyncio.sleep(POLL_SECONDS[min(turn, len(POLL_SECONDS) - 1)])
            job, turn = await show_progress(canvas, job.id), turn + 1
            percent = int(job.completion or done)
            await run.advance(max(percent - done, 0))
            done = max(done, percent)
    if job.state == "failed":
        raise UpstreamRefused("Canvas gave up assigning.")
