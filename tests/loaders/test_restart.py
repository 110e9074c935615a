"""The fact table: what is left after a restart, or days without Canvas (behaviours D-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.models import Fact
from domain.enums import SourceState
from domain.errors import UpstreamError, UpstreamForbidden
from loaders.table import FactTable
from tests.loaders.facts import Upstream, cache, settled
from tests.support.house import Clock

CANVAS = 1


async def test_after_a_restart_the_table_answers_while_canvas_is_dead(database: str) -> None:
    """AC-18."""
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        first = (await facts.read(upstream.kind, CANVAS, ["1"]))["1"]
    upstream.error = UpstreamError(CANVAS)
    clock.pass_(days=3)
    async with cache(clock) as restarted:
        again = (await restarted.read(upstream.kind, CANVAS, ["1"]))["1"]
        assert (again.value, again.freshness.state) == (first.value, SourceState.STALE)
        assert again.freshness.fetched_at == first.freshness.fetched_at
        await settled(lambda: restarted.peek(upstream.kind, CANVAS, ["1"])["1"].freshness.error_code == "UNAVAILABLE")


async def test_a_restart_within_freshness_asks_canvas_for_nothing(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        await facts.read(upstream.kind, CANVAS, ["1"])
    clock.pass_(seconds=200)
    async with cache(clock) as restarted:
        assert (await restarted.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH
    assert upstream.asked == [["1"]]


async def test_a_row_that_another_version_wrote_is_as_good_as_not_there(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    row = {"provider_id": CANVAS, "kind": "account", "fetched_at": clock()}
    await Fact.create(key=f"v1:{CANVAS}:account:1", payload=b"\x81\xa1a\x01", **row)
    async with cache(clock) as facts:
        assert (await facts.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH
    assert upstream.asked == [["1"]]


async def test_what_is_written_behind_is_read_before_it_is_written(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        await facts.read(upstream.kind, CANVAS, ["1"])
        assert await Fact.all().count() == 0
        facts._memo.clear()
        await facts.store.drop([f"v1:{CANVAS}:account:1"])
        assert (await facts.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH
    assert len(upstream.asked) == 1
    assert await Fact.all().values_list("key", "kind", "provider_id") == [("v1:1:account:1", "account", 1)]


async def test_a_newer_fact_replaces_its_row(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        await facts.read(upstream.kind, CANVAS, ["1"])
        await facts.table.flush()
        clock.pass_(minutes=1)
        await facts.refresh(upstream.kind, CANVAS, ["1"])
        await facts.table.flush()
    assert [row.fetched_at for row in await Fact.all()] == [clock()]


async def test_rows_are_written_without_being_asked_to(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        facts.table._seconds = 0.01
        await facts.table.start()
        await facts.read(upstream.kind, CANVAS, ["1"])
        for _ in range(200):
            if await Fact.all().count():
                break
            await settled(lambda: not facts.table._waiting)
    assert await Fact.all().count() == 1


async def test_a_database_that_is_away_costs_the_table_and_not_the_answer(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tortoise.exceptions import OperationalError

    def away(*_: object, **__: object) -> object:
        raise OperationalError("away")

    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        with monkeypatch.context() as patch:
            patch.setattr(Fact, "filter", away)
            patch.setattr(Fact, "bulk_create", away)
            assert (await facts.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH
            await facts.table.flush()
        await facts.table.flush()
    assert await Fact.all().count() == 1


async def test_a_database_that_is_away_is_no_failure_of_canvas(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        upstream.error = ConnectionRefusedError()
        missing = (await facts.read(upstream.kind, CANVAS, ["1"]))["1"].freshness
        assert (missing.state, missing.error_code) == (SourceState.LOADING, None)
        upstream.error = None
        assert (await facts.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH


async def test_the_table_gives_up_the_oldest_rows_when_nothing_can_be_written() -> None:
    from loaders.keys import FactKey
    from loaders.table import _WAITING, Row

    table, clock = FactTable(), Clock()
    table.keep((FactKey(1, "roster", str(n)), Row(clock() + timedelta(seconds=n), b"")) for n in range(_WAITING + 2))
    assert next(iter(table._waiting)).id == "2"
    assert len(table._waiting) == _WAITING


async def test_a_refusal_is_still_known_when_canvas_is_away_and_after_a_restart(database: str) -> None:
    """D-09b: what is refused for good is left out of sums; an outage must not turn them into null."""
    clock, upstream = Clock(), Upstream()
    upstream.error = UpstreamForbidden(CANVAS)
    async with cache(clock) as facts:
        await facts.read(upstream.kind, CANVAS, ["1"])
        upstream.error = UpstreamError(CANVAS)
        clock.pass_(hours=20)
        await facts.refresh(upstream.kind, CANVAS, ["1"])
        assert facts.peek(upstream.kind, CANVAS, ["1"])["1"].freshness.error_code == "PERMISSION_MISSING"
    async with cache(clock) as restarted:
        again = (await restarted.read(upstream.kind, CANVAS, ["1"]))["1"].freshness
        assert (again.state, again.error_code) == (SourceState.FAILED, "PERMISSION_MISSING")
        upstream.error = None
        clock.pass_(minutes=1)
        assert (await restarted.read(upstream.kind, CANVAS, ["1"]))["1"].freshness.state is SourceState.FRESH


async def test_a_refusal_replaces_no_fact(database: str) -> None:
    clock, upstream = Clock(), Upstream()
    async with cache(clock) as facts:
        first = (await facts.read(upstream.kind, CANVAS, ["1"]))["1"]
        upstream.error = UpstreamForbidden(CANVAS)
        await facts.refresh(upstream.kind, CANVAS, ["1"])
    async with cache(clock) as restarted:
        assert (await restarted.read(upstream.kind, CANVAS, ["1"]))["1"].value == first.value
