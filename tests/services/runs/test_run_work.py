"""Claims, leases, ends: the database is the truth of a run, whatever happens to its messages and processes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.models import AuditEntry, CanvasCourse, SyncIssue, SyncRun
from domain.enums import Role, SyncKind, SyncState
from domain.errors import UpstreamTimeout
from domain.problems import InvalidInput
from domain.scope import SYSTEM
from services import run_work
from services.course_leases import take
from services.operation import begin
from services.run import LeaseLostError, Pace, Run
from services.run_work import carry_out, lapsed
from services.runs import JOB, Asked, cancel, start
from tests import factories
from tests.support.house import House

PACE = Pace(lease=30, beat=0.02, sweep=20, told=0)


async def asked(house: House, **given: object) -> int:
    ref = await start(begin(house.engine, SYSTEM), Asked(SyncKind.MATCH, **given), "match")  # type: ignore[arg-type]
    return ref.id


async def do(house: House, run_id: int, handler: object) -> SyncRun:
    await carry_out(house.engine, run_id, {SyncKind.MATCH: handler}, PACE)  # type: ignore[dict-item]
    return await SyncRun.get(id=run_id)


async def test_a_run_is_asked_for_carried_out_and_kept(house: House) -> None:
    run_id = await asked(house, parameters={"a": 1})
    assert house.queue.jobs == [(JOB, run_id)]
    assert (await AuditEntry.get()).action == "match"

    async def work(run: Run) -> None:
        assert run.parameters == {"a": 1}
        await run.step("first", 2, "Working")
        await run.advance()
        run.count(created=2, unchanged=1)
        run.issue("ODD", "Something is odd.", canvas_user_id="7")

    row = await do(house, run_id, work)
    assert (row.state, row.step, row.current, row.total) == (SyncState.SUCCEEDED_WITH_WARNINGS, "first", 2, 2)
    assert (row.created, row.unchanged, row.finished_at, row.lease_token) == (2, 1, house.clock.now, None)
    assert [(issue.code, issue.canvas_user_id) for issue in await SyncIssue.all()] == [("ODD", "7")]


async def test_two_callers_of_the_same_join_one_run(house: House) -> None:
    refs = await asyncio.gather(*(asked(house, alone="match:1") for _ in range(3)))
    assert len(set(refs)) == 1
    assert house.queue.jobs == [(JOB, refs[0])]

    async def work(_: Run) -> None: ...

    await do(house, refs[0], work)
    assert await asked(house, alone="match:1") != refs[0]


async def test_a_repeated_message_does_the_work_once(house: House) -> None:
    run_id, done = await asked(house), []

    async def work(run: Run) -> None:
        done.append(run.id)
        await asyncio.sleep(0.05)

    await asyncio.gather(*(do(house, run_id, work) for _ in range(3)))
    await do(house, run_id, work)
    assert done == [run_id]


async def test_a_lapsed_lease_is_taken_up_and_the_former_holder_writes_nothing_more(house: House) -> None:
    """The lease lasts 30 seconds and is looked for every 20: within a minute."""
    run_id = await asked(house)
    entered, resume = asyncio.Event(), asyncio.Event()
    ends: list[str] = []

    async def slow(run: Run) -> None:
        entered.set()
        await resume.wait()
        try:
            await run.step("late")
        except LeaseLostError:
            ends.append("lost")
            raise

    async def quick(run: Run) -> None:
        run.count(created=1)

    first = asyncio.create_task(carry_out(house.engine, run_id, {SyncKind.MATCH: slow}, Pace(beat=60)))
    await entered.wait()
    assert await lapsed(house.engine, PACE) == []
    house.clock.pass_(seconds=31)
    assert await lapsed(house.engine, PACE) == [run_id]
    row = await do(house, run_id, quick)
    assert (row.state, row.created, row.attempts) == (SyncState.SUCCEEDED, 1, 2)
    resume.set()
    await first
    again = await SyncRun.get(id=run_id)
    assert (ends, again.state, again.step) == (["lost"], SyncState.SUCCEEDED, None)


async def test_a_heartbeat_prolongs_the_lease_of_the_run_and_of_its_courses(house: House) -> None:
    run_id = await asked(house)
    provider = await factories.provider()

    async def work(run: Run) -> None:
        await CanvasCourse.create(provider=provider, course_id="1", lease_run_id=run.id, lease_until=house.clock.now)
        house.clock.pass_(seconds=25)
        until = house.clock.now + timedelta(seconds=30)
        async with asyncio.timeout(20):
            while (await CanvasCourse.get()).lease_until != until:  # noqa: ASYNC110  a row tells nobody that it changed
                await asyncio.sleep(PACE.beat)
        assert (await SyncRun.get(id=run.id)).lease_until == until

    assert (await do(house, run_id, work)).state == SyncState.SUCCEEDED
    assert (await CanvasCourse.get()).lease_run_id is None


async def test_a_lease_of_before_the_clock_was_put_back_holds_nobody_up(house: House) -> None:
    """A killed process's would otherwise last a day longer than the half minute it was meant for; so would its courses'."""
    run_id = await asked(house)
    provider = await factories.provider()
    until = house.clock.now + timedelta(days=1, seconds=30)
    dead = {"lease_token": "of-the-dead", "lease_until": until}
    await SyncRun.filter(id=run_id).update(state=SyncState.RUNNING, attempts=1, **dead)
    await CanvasCourse.create(provider=provider, course_id="1", lease_run_id=run_id + 1, lease_until=until)
    assert await lapsed(house.engine, PACE) == [run_id]
    held: list[set[str]] = []

    async def work(run: Run) -> None:
        held.append(await take(run, provider.id, ["1"], patience=0))

    row = await do(house, run_id, work)
    assert (row.state, row.attempts, held) == (SyncState.SUCCEEDED, 2, [{"1"}])


async def test_a_database_that_goes_away_under_a_run_does_not_fail_it(house: House) -> None:
    """Nobody can write that it failed; whoever has the database again goes on with it."""
    run_id = await asked(house)

    async def cut_off(_: Run) -> None:
        raise ConnectionResetError

    async def work(_: Run) -> None: ...

    assert (await do(house, run_id, cut_off)).state is SyncState.RUNNING
    assert await lapsed(house.engine, PACE) == []
    house.clock.pass_(seconds=31)
    assert await lapsed(house.engine, PACE) == [run_id]
    row = await do(house, run_id, work)
    assert (row.state, row.attempts) == (SyncState.SUCCEEDED, 2)


async def test_a_run_whose_end_cannot_be_written_is_let_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its heartbeat does not go on alone, or nobody could ever take it up."""
    run_id = await asked(house)

    async def fail(_: Run) -> None:
        raise UpstreamTimeout(1)

    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(run_work, "_write_end", away)
        assert (await do(house, run_id, fail)).state is SyncState.RUNNING
    house.clock.pass_(seconds=31)
    await asyncio.sleep(PACE.beat * 5)
    assert await lapsed(house.engine, PACE) == [run_id]
    assert (await do(house, run_id, fail)).state is SyncState.FAILED


async def test_a_process_that_leaves_while_the_database_is_away_just_leaves(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await asked(house)

    entered = asyncio.Event()

    async def wait(_: Run) -> None:
        entered.set()
        await asyncio.Event().wait()

    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(run_work, "_write_back", away)
    task = asyncio.create_task(carry_out(house.engine, run_id, {SyncKind.MATCH: wait}, PACE))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_message_that_got_lost_is_found_after_twenty_seconds(house: House) -> None:
    run_id = await asked(house)
    assert await lapsed(house.engine, PACE) == []
    house.clock.pass_(seconds=21)
    assert await lapsed(house.engine, PACE) == [run_id]


async def test_a_process_that_leaves_in_order_gives_its_run_back(house: House) -> None:
    run_id = await asked(house)
    entered = asyncio.Event()

    async def work(_: Run) -> None:
        entered.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(carry_out(house.engine, run_id, {SyncKind.MATCH: work}, PACE))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await SyncRun.get(id=run_id)
    assert (row.state, row.lease_token, row.attempts) == (SyncState.QUEUED, None, 0)


async def test_a_process_that_leaves_while_it_claims_gives_the_run_back_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await asked(house)
    claimed, claim = asyncio.Event(), run_work._claim

    async def slowly(*given: Any) -> SyncRun | None:
        row = await claim(*given)
        claimed.set()
        await asyncio.Event().wait()
        return row

    monkeypatch.setattr(run_work, "_claim", slowly)
    task = asyncio.create_task(carry_out(house.engine, run_id, {}, PACE))
    await claimed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await SyncRun.get(id=run_id)
    assert (row.state, row.lease_token, row.attempts) == (SyncState.QUEUED, None, 0)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InvalidInput("Not like this."), "INVALID_INPUT", "Not like this."),
        (UpstreamTimeout(1), "TIMEOUT", "Canvas did not answer in time."),
        (ZeroDivisionError("secret"), "INTERNAL_ERROR", "Something went wrong here. It was noted for the operators."),
    ],
)
async def test_whatever_happens_the_row_says_how_it_ended(
    house: House, error: Exception, code: str, message: str
) -> None:
    run_id = await asked(house)

    async def work(run: Run) -> None:
        run.count(created=1)
        raise error

    row = await do(house, run_id, work)
    assert (row.state, row.message, row.created) == (SyncState.FAILED, message, 1)
    assert [(issue.code, issue.message) for issue in await SyncIssue.all()] == [(code, message)]


async def test_a_run_that_keeps_killing_its_process_is_given_up(house: House) -> None:
    run_id = await asked(house)
    await SyncRun.filter(id=run_id).update(attempts=5)

    async def work(_: Run) -> None:
        raise AssertionError

    row = await do(house, run_id, work)
    assert (row.state, row.message) == (SyncState.FAILED, "Given up after 5 attempts.")


async def test_cancelling_stops_a_waiting_run_at_once_and_a_running_one_before_its_next_step(house: House) -> None:
    op = begin(house.engine, SYSTEM)
    waiting = await start(op, Asked(SyncKind.MATCH), "match")
    await cancel(op, waiting)
    assert (await SyncRun.get(id=waiting.id)).state == SyncState.CANCELLED
    running = await start(op, Asked(SyncKind.MATCH), "match")

    async def work(run: Run) -> None:
        await run.step("one")
        await cancel(op, running)
        await run.step("two")
        raise AssertionError

    row = await do(house, running.id, work)
    assert (row.state, row.step) == (SyncState.CANCELLED, "two")


async def test_a_run_acts_with_what_its_requester_may_do_now(house: House) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    op = (await house.context(admin)).op
    run_id = (await start(op, Asked(SyncKind.MATCH), "match")).id
    facility = await factories.facility()
    admin.role, admin.facility_id = Role.FACILITY_ADMIN, facility.id
    await admin.save()
    scopes = []

    async def work(run: Run) -> None:
        scopes.append(run.op.scope)

    await do(house, run_id, work)
    assert [(scope.role, scope.facility_id) for scope in scopes] == [(Role.FACILITY_ADMIN, facility.id)]
    admin.deactivated_at = house.clock.now
    await admin.save()
    gone = await start(op, Asked(SyncKind.MATCH), "match")
    assert (await do(house, gone.id, work)).message == "Whoever asked for this is no longer active."
