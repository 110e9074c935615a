"""A report made in a process of its own leaves the API's loop free."""

from __future__ import annotations

import asyncio
import io
import struct

import pytest

from benchmarks.matching_quality import common_names, made_up
from domain.enums import MatchPolicy
from services.matching import worker
from services.matching.build import build_report
from services.matching.people import CanvasPerson
from services.matching.worker import MatchWorkerError, is_small, make_report, run_in_worker
from tests.services.matching.people import canvas, local
from tests.support.turns import watched

CASE = made_up(400, 0.8, 1, common_names, ids=True)
REJECTED = tuple((canvas_id, user_id) for canvas_id, user_id in list(CASE.truth.items())[:50])


async def test_a_worker_gives_the_report_made_in_place_and_says_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    report = await run_in_worker(CASE.canvas, CASE.local, MatchPolicy.SAFE, progress, rejected=REJECTED)
    assert report == build_report(CASE.canvas, CASE.local, MatchPolicy.SAFE, rejected=REJECTED)
    assert told[-1] == (400, 400)
    assert told == sorted(told)


@pytest.mark.usefixtures("calm")
async def test_the_loop_is_never_held_for_50_ms() -> None:
    case = made_up(2000, 0.8, 1, common_names, ids=True)
    async with watched() as turns:
        report = await run_in_worker(case.canvas, case.local, MatchPolicy.PUBLISHED)
    assert len(report.candidates) == 2000
    assert turns.longest < 0.05


async def test_small_rosters_are_matched_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_start", None)
    assert is_small(80, 100)
    assert not is_small(400, 400)
    report = await make_report(canvas("Ann Lee"), local(("Ann", "Lee")), MatchPolicy.PUBLISHED)
    assert report.counts.auto_confirmed == 1


async def test_cancelling_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = worker._start

    running = asyncio.Event()

    async def noted() -> asyncio.subprocess.Process:
        started.append(await start())
        running.set()
        return started[-1]

    monkeypatch.setattr(worker, "_start", noted)
    work = asyncio.create_task(run_in_worker(CASE.canvas, CASE.local, MatchPolicy.SAFE))
    await asyncio.wait_for(running.wait(), 60)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [process.returncode for process in started] == [-9]


async def test_what_progress_raises_ends_the_run() -> None:
    async def stop(_done: int, _total: int) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_in_worker(CASE.canvas, CASE.local, MatchPolicy.SAFE, stop)


async def test_a_process_that_dies_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.sys, "executable", "/bin/false")
    with pytest.raises(MatchWorkerError, match="ended early"):
        await run_in_worker(CASE.canvas, CASE.local, MatchPolicy.SAFE)


def test_a_failure_in_the_process_is_told_without_its_text() -> None:
    data = worker._frame(worker.Job([CanvasPerson("1", "Ann Lee")], [], MatchPolicy.SAFE, ()))[4:]
    out = io.BytesIO()
    worker.main(io.BytesIO(struct.pack(">I", len(data)) + data[:-3]), out)
    assert worker._said.decode(out.getvalue()[4:]) == worker.Finished("DecodeError")


def test_progress_may_stop_a_report_between_blocks() -> None:
    asked: list[int] = []

    def progress(done: int, _total: int) -> None:
        asked.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_report(CASE.canvas, CASE.local, MatchPolicy.SAFE, progress)
    assert len(asked) == 1
