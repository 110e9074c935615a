"""A process that comes back while Canvas is away."""

from __future__ import annotations

from db.models import Fact
from tests.acceptance.setting import STATEWIDE, organisation
from tests.support.house import house as open_house


async def test_after_a_restart_without_canvas_everything_answers_as_before(database: str) -> None:
    """AC-18, D-05: linked people, a new process, no Canvas: the numbers of yesterday, STALE, and no error."""
    async with open_house(cold_wait_seconds=60) as before:
        org = await organisation(before, courses=60, facilities=2)
        fresh = await before.data(STATEWIDE, org.admin)
    async with open_house(cold_wait_seconds=60) as after:
        after.clock.pass_(days=1)
        for _ in range(2):
            stale = await after.data(STATEWIDE, org.admin)
            assert stale["classes"]["nodes"] == fresh["classes"]["nodes"]
            (program,) = stale["programs"]["nodes"]
            assert program["metrics"] == fresh["programs"]["nodes"][0]["metrics"]
            (source,) = stale["classes"]["sources"]
            assert (source["state"], source["expected"], source["loaded"]) == ("STALE", 60, 60)
        assert source["errorCode"] is not None


async def test_after_a_restart_with_nothing_left_the_first_page_is_no_error(database: str) -> None:
    """AC-16, AC-18: linked people, a new process, an empty table and no Canvas."""
    async with open_house(cold_wait_seconds=60) as before:
        org = await organisation(before, courses=3)
        await before.data(STATEWIDE, org.admin)
    await Fact.all().delete()
    async with open_house(cold_wait_seconds=60) as after:
        cold = await after.data(STATEWIDE, org.admin)
        assert cold["classes"]["nodes"] == []
        (source,) = cold["classes"]["sources"]
        assert (source["state"], source["expected"], source["loaded"]) == ("FAILED", None, 0)
