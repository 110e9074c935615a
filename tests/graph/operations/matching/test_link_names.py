"""Links follow their accounts: names are kept and refreshed, and what is gone is said (AC-04, P-67)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.models import AuditEntry, ProviderLink
from domain.refs import ProviderLinkRef
from loaders.kinds import ACCOUNT, PEOPLE
from services.link_names import follow, refresh_names
from tests.graph.operations.matching.scene import PLAIN, Scene, typenames
from tests.support.house import House, gid

SHOWN = """
query S($id: ID!) { node(id: $id) { ... on ProviderLink {
  externalUserId externalUsername canvasName canvasNameAt canvasState mergedIntoCanvasUserId proposal unlinkedAt } } }
"""
RESOLVE = (
    "mutation R($input: ResolveLinkInput!) { resolveLink(input: $input) { link { id externalUserId canvasState } "
    + PLAIN
    + "} }"
)


class Named(Scene):
    """Sam is linked; Ida's account is free."""

    link_id: str

    async def fill(self) -> Named:
        self.sam, self.ida = self.account("Sam Reed", login="sreed"), self.account("Ida Hall")
        await self.open()
        await self.person("Sam", "Reed")
        self.link_id = (await self.link(self.people["Sam Reed"], self.sam))["link"]["id"]
        return self

    async def shown(self) -> Any:
        return (await self.house.data(SHOWN, self.admin, id=self.link_id))["node"]

    async def read_again(self) -> None:
        """Canvas answers once more, ten minutes later."""
        self.house.clock.pass_(minutes=10)
        await self.house.engine.facts.expire(self.canvas.id)
        await self.house.engine.facts.refresh(PEOPLE, self.canvas.id, [ACCOUNT])

    async def resolve(self, action: str) -> Any:
        given = {"linkId": self.link_id, "action": action}
        return (await self.house.data(RESOLVE, self.admin, input=given))["resolveLink"]


@pytest.fixture
async def named(house: House) -> Named:
    return await Named(house).fill()


async def test_a_read_by_this_process_refreshes_the_names_by_itself(named: Named) -> None:
    following = asyncio.create_task(follow(named.house.engine))
    try:
        await asyncio.sleep(0)
        named.world.users[int(named.sam)].name = "Samuel Reed"
        await named.read_again()
        async with asyncio.timeout(5):
            while (await named.shown())["canvasName"] != "Samuel Reed":  # noqa: ASYNC110  a row tells nobody that it changed
                await asyncio.sleep(0.01)
    finally:
        following.cancel()
    shown = await named.shown()
    assert shown["canvasNameAt"] == named.house.clock().isoformat()
    assert shown["canvasState"] == "RENAMED"
    assert shown["proposal"].startswith("The account has another name now.")


async def test_a_fresh_read_confirms_the_name_and_costs_nothing_more(named: Named) -> None:
    await named.read_again()
    named.house.forget_calls()
    await refresh_names(named.house.engine, named.canvas.id)
    shown = await named.shown()
    assert (shown["canvasName"], shown["canvasNameAt"], shown["canvasState"], shown["proposal"]) == (
        "Sam Reed",
        named.house.clock().isoformat(),
        "PRESENT",
        None,
    )
    assert named.house.calls(named.canvas) == []
    assert await AuditEntry.filter(action="canvasAccountChanged").count() == 0


async def test_a_renamed_account_waits_for_somebody_to_keep_it(named: Named) -> None:
    named.world.users[int(named.sam)].name = "Pat Other"
    await named.read_again()
    await refresh_names(named.house.engine, named.canvas.id)
    assert (await named.shown())["canvasState"] == "RENAMED"
    kept = await named.resolve("KEEP")
    assert kept["link"]["canvasState"] == "PRESENT"
    assert typenames(await named.resolve("KEEP")) == ["ConflictError"]
    assert typenames(await named.resolve("FOLLOW_MERGE")) == ["ConflictError"]
    await refresh_names(named.house.engine, named.canvas.id)
    assert (await named.shown())["canvasName"] == "Pat Other"
    entry = await AuditEntry.get(action="canvasAccountChanged")
    assert (entry.before, entry.after, entry.actor_id) == (
        {"canvas_state": "PRESENT"},
        {"canvas_state": "RENAMED"},
        None,
    )


async def test_a_merged_account_is_followed_on_request(named: Named) -> None:
    named.world.merge_user(int(named.sam), int(named.ida))
    await named.read_again()
    named.house.forget_calls()
    await refresh_names(named.house.engine, named.canvas.id)
    assert named.house.calls(named.canvas) == [("GET", f"/api/v1/users/{named.sam}")]
    shown = await named.shown()
    assert (shown["canvasState"], shown["mergedIntoCanvasUserId"], shown["canvasName"], shown["unlinkedAt"]) == (
        "MERGED",
        named.ida,
        "Sam Reed",
        None,
    )
    followed = await named.resolve("FOLLOW_MERGE")
    assert followed["errors"] == []
    assert (followed["link"]["externalUserId"], followed["link"]["canvasState"]) == (named.ida, "PRESENT")
    assert await ProviderLink.filter(unlinked_at=None).values_list("external_user_id", flat=True) == [named.ida]
    named.house.forget_calls()
    await refresh_names(named.house.engine, named.canvas.id)
    assert named.house.calls(named.canvas) == []


async def test_a_deleted_account_is_never_dropped_silently(named: Named) -> None:
    named.world.delete_user(int(named.sam))
    await named.read_again()
    await refresh_names(named.house.engine, named.canvas.id)
    shown = await named.shown()
    assert (shown["canvasState"], shown["canvasName"], shown["unlinkedAt"]) == ("DELETED", "Sam Reed", None)
    assert shown["proposal"].startswith("The account is gone")
    link = await ProviderLink.get(id=1)
    assert gid(ProviderLinkRef(link.id)) == named.link_id


async def test_without_canvas_the_last_known_name_stays(named: Named) -> None:
    """AC-04, P-67."""
    named.house.hosts.apps.clear()
    await named.read_again()
    await refresh_names(named.house.engine, named.canvas.id)
    shown = await named.shown()
    assert (shown["canvasName"], shown["canvasState"], shown["proposal"]) == ("Sam Reed", "PRESENT", None)
