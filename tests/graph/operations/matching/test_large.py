"""Large rosters: a run makes the report, the API's loop stays free, and what was kept is dropped when people change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.models import MatchReport, ProviderLink, SyncRun, User
from domain.enums import MatchPolicy, Role, SyncState
from domain.names import person_key
from domain.refs import UserRef
from loaders.kinds import ACCOUNT, COURSES, PEOPLE, ROSTER
from services import match_applying
from services.match_linking import Outcome
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from tests import factories
from tests.graph.operations.matching.scene import Scene, typenames
from tests.support.house import gid, house
from tests.support.turns import watched

FIRST = (
    "Ada",
    "Ben",
    "Cleo",
    "Dov",
    "Eli",
    "Fay",
    "Gus",
    "Hana",
    "Ivo",
    "Jun",
    "Kai",
    "Lou",
    "Mia",
    "Ned",
    "Ola",
    "Pia",
)
LAST = ("Abel", "Brook", "Castro", "Dunn", "Ekström", "Fisk", "Grau", "Holt", "Ibarra", "Jolly", "Kern", "Lund", "Moss")


def names(count: int) -> list[tuple[str, str]]:
    return [(f"{FIRST[n % 16]}{n // 208 or ''}", LAST[n % 13]) for n in range(count)]


class Campus(Scene):
    """As many people on both sides, by the same names."""

    async def fill(self, count: int) -> Campus:
        self.accounts = [self.account(f"{first} {last}") for first, last in names(count)]
        await self.open(match_policy=MatchPolicy.PUBLISHED)
        await User.bulk_create(
            User(
                username=f"u{n}",
                username_key=f"u{n}",
                first_name=first,
                last_name=last,
                sort_key=person_key(first, last),
                role=Role.STUDENT,
                facility_id=self.north.id,
                created_at=factories.NOW,
            )
            for n, (first, last) in enumerate(names(count))
        )
        return self

    async def oracle(self) -> list[tuple[str, int | None, float]]:
        linked = set(await ProviderLink.filter(unlinked_at=None).values_list("external_user_id", flat=True))
        users = await User.filter(role=Role.STUDENT).order_by("created_at", "id")
        canvas = [
            CanvasPerson(account, f"{first} {last}")
            for account, (first, last) in zip(self.accounts, names(len(self.accounts)), strict=True)
            if account not in linked
        ]
        taken = set(await ProviderLink.filter(unlinked_at=None).values_list("user_id", flat=True))
        local = [LocalPerson(u.id, u.first_name, u.last_name) for u in users if u.id not in taken]
        found = build_report(canvas, local, MatchPolicy.PUBLISHED)
        return [(one.canvas_user_id, one.user_id, one.score) for one in found.candidates]


@pytest.fixture
async def campus(database: str, redis: str | None) -> AsyncIterator[Campus]:
    async with house(redis, cold_wait_seconds=0.2) as opened:
        yield await Campus(opened).fill(100)


async def ready(campus: Campus) -> None:
    """Canvas has been read, and the run has been carried out."""
    await campus.report()
    await campus.work()


async def test_a_large_report_loads_shows_its_run_and_is_kept(campus: Campus) -> None:
    loading = await campus.report()
    assert (loading["state"], loading["computedAt"]) == ("LOADING", None)
    assert loading["counts"] == {"autoConfirmed": 0, "ambiguous": 0, "unmatched": 0, "decided": 0}
    assert (loading["run"]["state"], loading["autoConfirmed"]) == ("QUEUED", [])
    again = await campus.report()
    assert again["run"]["id"] == loading["run"]["id"]
    await campus.work()
    run = await SyncRun.get()
    assert (run.state, run.step, run.current, run.total) == (SyncState.SUCCEEDED, "matching", 100, 100)
    campus.house.forget_calls()
    report = await campus.report()
    assert (report["state"], report["run"]) == ("FRESH", None)
    assert report["computedAt"] == campus.house.clock().isoformat()
    assert sum(report["counts"].values()) == 100
    assert len(report["autoConfirmed"]) == min(100, report["counts"]["autoConfirmed"])
    assert (campus.house.calls(campus.canvas), await SyncRun.all().count()) == ([], 1)


async def test_the_kept_report_is_the_matchers_to_the_last_bit(campus: Campus) -> None:
    await ready(campus)
    report = await campus.report()
    shown = report["autoConfirmed"] + report["ambiguous"] + report["unmatched"]
    users = {u.username: u.id for u in await User.all()}
    assert [
        (one["canvasUser"]["canvasUserId"], one["user"] and users[one["user"]["username"]], one["score"])
        for one in shown
    ] == await campus.oracle()


async def test_a_link_makes_it_stale_without_showing_the_linked_and_a_run_renews_it(campus: Campus) -> None:
    """AC-06, AC-07."""
    await ready(campus)
    one = (await campus.report())["autoConfirmed"][0]
    user = await User.get(username=one["user"]["username"])
    assert typenames(await campus.link(user, one["canvasUser"]["canvasUserId"])) == []
    stale = await campus.report()
    assert (stale["state"], stale["run"]["state"]) == ("STALE", "QUEUED")
    counts = stale["counts"]
    assert counts["autoConfirmed"] + counts["ambiguous"] + counts["unmatched"] == 99
    shown = stale["autoConfirmed"] + stale["ambiguous"] + stale["unmatched"]
    named = {one["user"]["username"] for one in shown if one["user"]}
    named |= {other["user"]["username"] for one in shown for other in one["runnerUps"]}
    assert user.username not in named
    await campus.work()
    fresh = await campus.report()
    assert (fresh["state"], fresh["run"]) == ("FRESH", None)
    assert await MatchReport.all().count() == 1


async def test_a_rejection_is_seen_at_once_and_clearing_it_renews(campus: Campus) -> None:
    await ready(campus)
    one = (await campus.report())["autoConfirmed"][0]
    account, user = one["canvasUser"]["canvasUserId"], await User.get(username=one["user"]["username"])
    await campus.decide(account, user, "REJECTED")
    report = await campus.report()
    assert (report["state"], report["counts"]["decided"]) == ("FRESH", 1)
    line = next(one for one in report["unmatched"] if one["canvasUser"]["canvasUserId"] == account)
    assert (line["user"], line["score"], len(line["rejected"])) == (None, 0.0, 1)
    await campus.person("New", "Comer")
    await ready(campus)
    await campus.decide(account, user, None)
    assert (await campus.report())["state"] == "STALE"
    await campus.work()
    back = await campus.report()
    assert account in {one["canvasUser"]["canvasUserId"] for one in back["autoConfirmed"]}


async def test_applying_waits_for_the_report_in_a_run_and_can_be_undone(campus: Campus) -> None:
    await campus.report()
    campus.house.queue.jobs.clear()
    await SyncRun.all().delete()
    applied = await campus.apply(autoConfirmed=True)
    assert (applied["errors"], applied["applied"], applied["outcomes"]) == ([], 0, [])
    assert applied["run"]["state"] == "QUEUED"
    campus.house.queue.jobs[:] = [campus.house.queue.jobs[-1]]
    await campus.work()
    run = await SyncRun.get(kind="APPLY_MATCHES")
    linked = await ProviderLink.filter(unlinked_at=None).count()
    assert (run.state, run.created, run.current, run.total) == (SyncState.SUCCEEDED, linked, linked, linked)
    assert linked >= 90
    undone = await campus.restore(applicationId=applied["application"]["id"])
    assert undone["errors"] == []
    assert await ProviderLink.filter(unlinked_at=None).count() == 0


async def test_what_is_undone_while_its_run_is_at_work_is_not_linked_further(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what the run links after the undo could never be undone."""
    monkeypatch.setattr(match_applying, "INLINE", 3)
    monkeypatch.setattr(match_applying, "CHUNK", 2)
    await ready(campus)
    users = await User.filter(role=Role.STUDENT).order_by("id").limit(6)
    pairs = [
        {"canvasUserId": account, "userId": gid(UserRef(user.id))}
        for account, user in zip(campus.accounts, users, strict=False)
    ]
    application = (await campus.apply(confirm=pairs))["application"]["id"]
    link_chunk = match_applying.link_chunk

    async def undo_after(*given: Any) -> list[Outcome]:
        outcomes = await link_chunk(*given)
        assert typenames(await campus.restore(applicationId=application)) == []
        return outcomes

    monkeypatch.setattr(match_applying, "link_chunk", undo_after)
    await campus.work()
    run = await SyncRun.get(kind="APPLY_MATCHES")
    assert (run.state, run.current, run.message) == (
        SyncState.FAILED,
        2,
        "This was undone before all of it was linked.",
    )
    assert (await ProviderLink.all().count(), await ProviderLink.filter(unlinked_at=None).count()) == (2, 0)


async def test_a_long_list_is_applied_by_a_run_with_an_issue_for_each_failure(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_applying, "INLINE", 3)
    await ready(campus)
    users = await User.filter(role=Role.STUDENT).order_by("id").limit(5)
    pairs = [
        {"canvasUserId": account, "userId": gid(UserRef(user.id))}
        for account, user in zip(campus.accounts, users, strict=False)
    ]
    pairs.append({"canvasUserId": campus.accounts[0], "userId": gid(UserRef(users[1].id))})
    applied = await campus.apply(confirm=pairs)
    assert (applied["applied"], applied["run"]["state"]) == (0, "QUEUED")
    await campus.work()
    run = await SyncRun.get(kind="APPLY_MATCHES").prefetch_related("issues")
    assert (run.state, run.created, run.skipped) == (SyncState.SUCCEEDED_WITH_WARNINGS, 5, 1)
    assert [(issue.code, issue.canvas_user_id) for issue in run.issues] == [("AlreadyLinked", campus.accounts[0])]
    again = await campus.apply(confirm=pairs)
    await campus.work()
    assert again["run"]["id"] != applied["run"]["id"]
    second = await SyncRun.filter(kind="APPLY_MATCHES").order_by("-id").first()
    assert second is not None
    assert (second.created, second.unchanged, second.skipped) == (0, 5, 1)
    assert await ProviderLink.filter(unlinked_at=None).count() == 5


@pytest.mark.usefixtures("calm")
async def test_the_event_loop_is_never_held_for_50_ms(database: str, redis: str | None) -> None:
    """1,500 people on both sides: reading, fingerprint, run, keeping, unpacking and answering."""
    async with house(redis, cold_wait_seconds=0.2) as opened:
        campus = await Campus(opened).fill(1500)
        await opened.engine.facts.refresh(PEOPLE, campus.canvas.id, [ACCOUNT])
        await opened.engine.facts.refresh(COURSES, campus.canvas.id, [ACCOUNT])
        await opened.engine.facts.refresh(ROSTER, campus.canvas.id, [str(campus.course.id)])
        async with watched() as turns:
            await campus.report()
            await campus.work()
            report = await campus.report()
    counts = report["counts"]
    assert counts["autoConfirmed"] + counts["ambiguous"] + counts["unmatched"] == 1500
    assert turns.longest < 0.05
