"""The same faults from the stand-in, whole requests of ours against them."""

from __future__ import annotations

import asyncio

import pytest

from canvas.courses import list_courses, show_course
from canvas.enrollments import list_roster
from canvas.rosters import list_rosters
from domain import facts
from domain.errors import UpstreamCredentials, UpstreamError, UpstreamForbidden, UpstreamUnreadable
from sandbox.behaviour import Fault
from sandbox.world import World
from tests.canvas.conftest import TODAY, Stand


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=500, times=2),
        Fault(kind="status", status=503, times=3),
        Fault(kind="throttle", times=4),
        Fault(kind="slow", seconds=0.01, times=1),
        Fault(kind="foreign_next", times=1),
    ],
    ids=lambda fault: f"{fault.kind}{fault.status}",
)
@pytest.mark.parametrize("throttle_status", [429, 403])
async def test_passing_faults_are_ridden_out(large_world: World, fault: Fault, throttle_status: int) -> None:
    stand = Stand(large_world)
    stand.behaviour.change({"throttle_status": throttle_status})
    healthy = await list_courses(stand.canvas)
    stand.behaviour.faults = [Fault(kind=fault.kind, status=fault.status, times=fault.times, seconds=fault.seconds)]
    assert await list_courses(stand.canvas) == healthy
    stand.behaviour.faults = [Fault(kind=fault.kind, status=fault.status, times=fault.times, seconds=fault.seconds)]
    course_id = healthy[0].id
    assert isinstance((await list_rosters(stand.canvas, [course_id]))[course_id], facts.Roster)
    await stand.pool.aclose()


@pytest.mark.parametrize("fault", [Fault(kind="html", status=200), Fault(kind="half")], ids=["html", "half"])
async def test_answers_that_are_none_are_named(small: Stand, fault: Fault) -> None:
    small.behaviour.faults = [fault]
    with pytest.raises(UpstreamError):
        await list_courses(small.canvas)
    rosters = await list_rosters(small.canvas, ["4821"])
    assert isinstance(rosters["4821"], UpstreamError)


async def test_a_next_link_to_another_host_is_read_from_ours(small: Stand) -> None:
    for n in range(120):
        small.world.add_user(f"More {n}", id=1000 + n)
        small.world.enrol(4821, 1000 + n)
    healthy = await list_roster(small.canvas, "4821")
    small.behaviour.faults = [Fault(kind="foreign_next", host="evil.example")]
    assert await list_roster(small.canvas, "4821") == healthy
    assert len(healthy.students) == 124


async def test_a_revoked_key_and_a_lost_course_are_told_apart(small: Stand) -> None:
    small.world.add_course("Open", id=5)
    small.behaviour.deny(4821)
    with pytest.raises(UpstreamForbidden):
        await show_course(small.canvas, "4821")
    rosters = await list_rosters(small.canvas, ["4821", "5"])
    assert isinstance(rosters["4821"], UpstreamError)
    assert rosters["5"] == facts.Roster((), ())
    small.behaviour.revoked_tokens = ["sandbox-token"]
    with pytest.raises(UpstreamCredentials):
        await show_course(small.canvas, "5")


async def test_a_real_bucket_never_refuses_us() -> None:
    """Six in flight, pre-charged 50 of 600 each: the stand-in's own leaky bucket stays below its mark."""
    stand = Stand(
        World.generate(seed=2, courses=30, students=60, students_per_course=5, weeks=1, today=TODAY, plain=True)
    )
    stand.behaviour.latency_ms = 5
    canvas = stand.canvas
    await asyncio.gather(*(list_roster(canvas, str(course_id)) for course_id in stand.world.courses))
    assert len(stand.calls) == 30
    assert {call.status for call in stand.calls} == {200}
    await stand.pool.aclose()


async def test_a_list_that_is_no_list_is_unreadable(small: Stand) -> None:
    small.behaviour.faults = [Fault(kind="body", status=200, body='{"errors": []}')]
    with pytest.raises(UpstreamUnreadable):
        await list_courses(small.canvas)
