"""Several admins link, undo, restore, apply, move and deactivate people in any order, at once (AC-10, W-20)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.models import AuditEntry, IdempotencyRecord, MatchApplication, MatchDraft, ProviderLink, User
from domain.refs import FacilityRef, MatchApplicationRef, ProviderLinkRef, UserRef
from tests.graph.operations.matching.scene import Scene
from tests.support.house import House, gid

COUNTS = "{ classes(filter: {source: CANVAS}) { nodes { enrolledCount roster { totalCount } } } providers { linkedUserCount } }"
ALTER = """mutation A($user: ID!, $facility: ID!) {
  updateUser(input: {id: $user, facilityId: $facility}) { errors { __typename } } }"""
SWITCH = """mutation S($id: ID!) { %s(input: {id: $id}) { errors { __typename } } }"""
KINDS = (
    "link",
    "unlink",
    "restore",
    "apply",
    "auto",
    "undo",
    "confirm",
    "reject",
    "clear",
    "drafts",
    "move",
    "off",
    "on",
)
PEOPLE, ADMINS = 4, 3

Step = tuple[str, int, int, int]
"""What, which admin, which person, which account."""

step = st.tuples(
    st.sampled_from(KINDS), st.integers(0, ADMINS - 1), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)
)
rounds = st.lists(st.lists(step, min_size=1, max_size=3), min_size=1, max_size=8)


class Crowd(Scene):
    """Four people in two facilities, four accounts, and an admin of each facility beside one of all."""

    async def fill(self) -> Crowd:
        names = (("Amy", "Long"), ("Ben", "Long"), ("Cal", "Quist"), ("Dee", "Zorn"))
        self.accounts = [self.account(" ".join(name)) for name in names]
        await self.open(match_policy="PUBLISHED")
        for at, name in enumerate(names):
            await self.person(*name, self.north if at < 3 else self.south)
        self.admins = [self.admin, self.southern, self.chief]
        self.order = [self.people[" ".join(name)] for name in names]
        await self.report(self.chief)
        return self

    async def clean(self) -> None:
        for model in (MatchDraft, ProviderLink, MatchApplication, AuditEntry, IdempotencyRecord):
            await model.all().delete()
        for at, person in enumerate(self.order):
            facility = self.north if at < 3 else self.south
            await User.filter(id=person.id).update(deactivated_at=None, facility_id=facility.id)

    async def some_link(self, at: int, *, live: bool) -> str | None:
        rows = await ProviderLink.filter(unlinked_at__isnull=live).order_by("id")
        return gid(ProviderLinkRef(rows[at % len(rows)].id)) if rows else None

    async def act(self, kind: str, admin: int, person: int, account: int) -> None:
        viewer, user, id = self.admins[admin], self.order[person], self.accounts[account]
        pair = {"canvasUserId": id, "userId": gid(UserRef(user.id))}
        south = gid(FacilityRef((self.south if account % 2 else self.north).id))
        done: dict[str, Any] = {
            "link": lambda: self.link(user, id, viewer),
            "unlink": lambda: self.end(viewer, person),
            "restore": lambda: self.back(viewer, person),
            "apply": lambda: self.apply(viewer, confirm=[pair]),
            "auto": lambda: self.apply(viewer, autoConfirmed=True),
            "undo": lambda: self.undo(viewer, person),
            "confirm": lambda: self.decide(id, user, "CONFIRMED", viewer),
            "reject": lambda: self.decide(id, user, "REJECTED", viewer),
            "clear": lambda: self.decide(id, None, None, viewer),
            "drafts": lambda: self.apply(viewer, confirmed=True),
            "move": lambda: self.house.data(ALTER, viewer, user=gid(UserRef(user.id)), facility=south),
            "off": lambda: self.house.data(SWITCH % "deactivateUser", viewer, id=gid(UserRef(user.id))),
            "on": lambda: self.house.data(SWITCH % "reactivateUser", viewer, id=gid(UserRef(user.id))),
        }
        await done[kind]()

    async def end(self, viewer: User, at: int) -> None:
        if link := await self.some_link(at, live=True):
            await self.unlink(link, viewer)

    async def back(self, viewer: User, at: int) -> None:
        if link := await self.some_link(at, live=False):
            await self.restore(viewer, linkId=link)

    async def undo(self, viewer: User, at: int) -> None:
        rows = await MatchApplication.all().order_by("id")
        if rows:
            await self.restore(viewer, applicationId=gid(MatchApplicationRef(rows[at % len(rows)].id)))

    async def check(self) -> None:
        """What holds whatever was done: one live link for a side, and counts of the final state."""
        live = await ProviderLink.filter(unlinked_at=None).select_related("user")
        for side in ("external_user_id", "user_id"):
            assert max(Counter(getattr(link, side) for link in live).values(), default=0) <= 1
        counted = [link for link in live if link.user.deactivated_at is None]
        for viewer in self.admins:
            own = [link for link in counted if viewer.facility_id in (None, link.user.facility_id)]
            data = await self.house.data(COUNTS, viewer)
            (course,), (provider,) = data["classes"]["nodes"], data["providers"]
            assert (course["enrolledCount"], course["roster"]["totalCount"]) == (len(own), len(own))
            assert provider["linkedUserCount"] == len(own)
        confirmed = await MatchDraft.filter(decision="CONFIRMED")
        for side in ("canvas_user_id", "user_id"):
            assert max(Counter(getattr(draft, side) for draft in confirmed).values(), default=0) <= 1
        assert not {link.user_id for link in live} & {draft.user_id for draft in confirmed}
        assert not {link.external_user_id for link in live} & {draft.canvas_user_id for draft in confirmed}


@pytest.fixture
async def crowd(house: House) -> Crowd:
    return await Crowd(house).fill()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(found=rounds)
async def test_any_sequence_of_many_admins_ends_in_one_truth(crowd: Crowd, found: list[list[Step]]) -> None:
    await crowd.clean()
    for together in found:
        await asyncio.gather(*(crowd.act(*one) for one in together))
        await crowd.check()
