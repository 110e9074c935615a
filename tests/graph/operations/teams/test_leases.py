"""One run per course at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from db.models import CanvasCourse, SyncRun
from domain.refs import ProviderRef
from services import course_leases
from services.teams import pull, push, reading
from tests.support.house import gid
from tests.support.school import School


@asynccontextmanager
async def held(lab: School, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> AsyncIterator[str]:
    """A pull that has its leases and waits for Canvas; its id."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*given: Any, **more: Any) -> reading.Read:
        reached.set()
        await go_on.wait()
        return await reading.read_groups(*given, **more)

    monkeypatch.setattr(pull, "read_groups", slowly)
    answer = await lab.ask("syncTeams", "run { id }", **asked)
    work = asyncio.create_task(lab.work())
    await asyncio.wait_for(reached.wait(), 20)
    monkeypatch.setattr(pull, "read_groups", reading.read_groups)
    try:
        yield answer["run"]["id"]
    finally:
        go_on.set()
        await work


async def test_who_wants_a_class_of_a_pull_that_is_under_way_joins_it(
    lab: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pull of all classes holds the lease of each while it reads it."""
    whole = {"providerId": gid(ProviderRef(lab.provider.id))}
    async with held(lab, monkeypatch, **whole) as run:
        course = await CanvasCourse.get(course_id="4821")
        assert course.lease_run_id == (await SyncRun.get()).id
        for asked in ({"classId": gid(lab.ref)}, whole):
            assert (await lab.ask("syncTeams", "run { id }", **asked))["run"] == {"id": run}
    assert await SyncRun.all().count() == 1
    assert (await CanvasCourse.get(course_id="4821")).lease_run_id is None
    again = await lab.ask("syncTeams", "run { id }", classId=gid(lab.ref))
    assert again["run"]["id"] != run


async def test_a_push_waits_for_a_pull_and_gives_up_in_words(lab: School, monkeypatch: pytest.MonkeyPatch) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    late, early = await lab.plan(), await lab.plan()
    async with held(lab, monkeypatch, classId=gid(lab.ref)):
        monkeypatch.setattr(push, "take", partial(course_leases.take, patience=0.5))
        run = await lab.push(early)
        assert (run["state"], run["message"]) == (
            "FAILED",
            "Another run works on this class. Try again when it has ended.",
        )
        assert lab.there("Red") == [91, 92, 93]
        monkeypatch.setattr(push, "take", course_leases.take)
        waiting = asyncio.create_task(lab.push(late))
        await asyncio.sleep(0.1)
    run = await waiting
    assert (run["state"], run["removed"], lab.there("Red")) == ("SUCCEEDED", 1, [91, 92])


async def test_a_pull_of_all_classes_leaves_out_what_others_work_on(
    lab: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with held(lab, monkeypatch, classId=gid(lab.ref)):
        monkeypatch.setattr(pull, "take", partial(course_leases.take, patience=0.5))
        run = await lab.run("syncTeams", providerId=gid(ProviderRef(lab.provider.id)))
    assert (run["state"], [issue["code"] for issue in run["issues"]]) == ("SUCCEEDED_WITH_WARNINGS", ["COURSE_BUSY"])
