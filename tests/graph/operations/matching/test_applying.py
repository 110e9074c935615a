"""Applying: one call, an outcome per item, nothing twice, and all of it can be undone (AC-17, P-64)."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from db.models import AuditEntry, MatchApplication, MatchDraft, ProviderLink, User
from domain.refs import FacilityRef, ProviderLinkRef, UserRef
from sandbox.behaviour import Fault
from tests import factories
from tests.graph.operations.matching.scene import Scene, typenames
from tests.support.house import House, gid


class Academy(Scene):
    """Amy, Ben and Cal are in both systems; Dee only in Canvas; Eve only here."""

    async def fill(self) -> Academy:
        self.accounts = {name: self.account(f"{name} Long") for name in ("Amy", "Ben", "Cal", "Dee")}
        self.teacher = self.account("Tia Cher", student=False)
        await self.open(match_policy="PUBLISHED")
        for name in ("Amy", "Ben", "Cal"):
            await self.person(name, "Long")
        await self.person("Eve", "Wholly-Different")
        return self

    def pair(self, account: str, user: User) -> dict[str, str]:
        return {"canvasUserId": account, "userId": gid(UserRef(user.id))}

    async def live(self) -> set[tuple[str, int]]:
        return set(await ProviderLink.filter(unlinked_at=None).values_list("external_user_id", "user_id"))

    def true_pairs(self) -> set[tuple[str, int]]:
        return {(self.accounts[name], self.people[f"{name} Long"].id) for name in ("Amy", "Ben", "Cal")}


@pytest.fixture
async def academy(house: House) -> Academy:
    return await Academy(house).fill()


def failures(applied: Any) -> list[tuple[str, str]]:
    return [(one["canvasUserId"], one["error"]["__typename"]) for one in applied["failed"]]


async def test_the_whole_first_bucket_is_applied_in_one_step_and_once(academy: Academy) -> None:
    """D-03. Dee's nearest is taken, so she is left; the second call changes nothing more."""
    first = await academy.apply(autoConfirmed=True)
    assert (first["applied"], first["created"], first["failed"], first["errors"]) == (3, 0, [], [])
    assert {one["outcome"] for one in first["outcomes"]} == {"LINKED"}
    assert {one["link"]["externalUserId"] for one in first["outcomes"]} == {p[0] for p in academy.true_pairs()}
    assert await academy.live() == academy.true_pairs()
    assert first["provider"]["linkedUserCount"] == 3
    assert first["provider"]["matchReport"]["counts"]["autoConfirmed"] == 0
    assert await AuditEntry.filter(action="linkUser").count() == 3
    again = await academy.apply(autoConfirmed=True)
    assert (again["applied"], again["outcomes"], again["application"]) == (0, [], None)
    assert await academy.live() == academy.true_pairs()
    assert await MatchApplication.all().count() == 1


async def test_a_list_that_was_applied_before_changes_nothing_and_leaves_no_trace(academy: Academy) -> None:
    listed = [academy.pair(academy.accounts[name], academy.people[f"{name} Long"]) for name in ("Amy", "Ben")]
    first = await academy.apply(confirm=listed)
    traces = await AuditEntry.all().count()
    again = await academy.apply(confirm=listed)
    assert [one["outcome"] for one in again["outcomes"]] == ["ALREADY_LINKED", "ALREADY_LINKED"]
    assert [one["link"]["id"] for one in again["outcomes"]] == [one["link"]["id"] for one in first["outcomes"]]
    assert (again["applied"], again["failed"], again["application"]) == (0, [], None)
    assert (await AuditEntry.all().count(), await MatchApplication.all().count()) == (traces, 1)


async def test_every_item_has_its_own_outcome(academy: Academy) -> None:
    """P-64, W-21: what is linked to the same is fine, what is linked to another is a conflict."""
    people, accounts = academy.people, academy.accounts
    await academy.link(people["Amy Long"], accounts["Amy"])
    officer = academy.admin
    elsewhere = await academy.person("Uma", "Far", academy.south)
    applied = await academy.apply(
        confirm=[
            academy.pair(accounts["Amy"], people["Amy Long"]),
            academy.pair(accounts["Amy"], people["Ben Long"]),
            academy.pair(accounts["Dee"], people["Amy Long"]),
            academy.pair(accounts["Ben"], people["Ben Long"]),
            academy.pair(accounts["Ben"], people["Ben Long"]),
            academy.pair(accounts["Ben"], people["Cal Long"]),
            academy.pair(academy.teacher, people["Cal Long"]),
            academy.pair("424242", people["Cal Long"]),
            academy.pair(accounts["Dee"], officer),
            academy.pair(accounts["Dee"], elsewhere),
        ]
    )
    assert [one["outcome"] for one in applied["outcomes"]][:4] == ["ALREADY_LINKED", "FAILED", "FAILED", "LINKED"]
    assert failures(applied) == [
        (accounts["Amy"], "AlreadyLinkedError"),
        (accounts["Dee"], "AlreadyLinkedError"),
        (accounts["Ben"], "AlreadyLinkedError"),
        (academy.teacher, "NotAStudentError"),
        ("424242", "NotAStudentError"),
        (accounts["Dee"], "NotAStudentError"),
        (accounts["Dee"], "NotFoundError"),
    ]
    assert applied["failed"][-1]["user"] is None
    assert (applied["applied"], len(applied["outcomes"])) == (1, 9)
    assert await ProviderLink.filter(unlinked_at=None).count() == 2


async def test_confirmed_drafts_are_applied_and_gone(academy: Academy) -> None:
    """AC-08; a facility's drafts are applied for that facility alone."""
    eve, uma = academy.people["Eve Wholly-Different"], await academy.person("Uma", "Far", academy.south)
    await academy.decide(academy.accounts["Dee"], eve, "CONFIRMED")
    await academy.decide(academy.accounts["Cal"], uma, "CONFIRMED", academy.southern)
    applied = await academy.apply(confirmed=True)
    assert [(one["outcome"], one["canvasUserId"]) for one in applied["outcomes"]] == [
        ("LINKED", academy.accounts["Dee"])
    ]
    assert await MatchDraft.all().values_list("user_id", flat=True) == [uma.id]
    whole = await academy.apply(academy.chief, confirmed=True, facilityId=gid(FacilityRef(academy.south.id)))
    assert whole["applied"] == 1
    assert await MatchDraft.all().count() == 0


async def test_what_somebody_confirmed_otherwise_is_not_auto_applied(academy: Academy) -> None:
    await academy.decide(academy.accounts["Amy"], academy.people["Eve Wholly-Different"], "CONFIRMED")
    applied = await academy.apply(autoConfirmed=True)
    assert {one["canvasUserId"] for one in applied["outcomes"]} == {academy.accounts["Ben"], academy.accounts["Cal"]}
    both = await academy.apply(autoConfirmed=True, confirmed=True)
    assert [one["user"]["username"] for one in both["outcomes"]] == [academy.people["Eve Wholly-Different"].username]


async def test_an_application_is_undone_as_a_whole_and_once(academy: Academy) -> None:
    """AC-06, AC-10: links end, the person who was made is gone and their user name free."""
    applied = await academy.apply(
        autoConfirmed=True, create=[{"canvasUserId": academy.accounts["Dee"], "username": "dee"}]
    )
    assert (applied["applied"], applied["created"], len(applied["application"]["links"])) == (3, 1, 4)
    assert await User.filter(username="dee").count() == 1
    undone = await academy.restore(applicationId=applied["application"]["id"])
    assert undone["errors"] == []
    assert undone["application"]["undoneAt"] == academy.house.clock().isoformat()
    assert await academy.live() == set()
    assert await User.filter(username="dee").count() == 0
    assert typenames(await academy.restore(applicationId=applied["application"]["id"])) == ["ConflictError"]
    again = await academy.apply(
        autoConfirmed=True, create=[{"canvasUserId": academy.accounts["Dee"], "username": "dee"}]
    )
    assert (again["applied"], again["created"]) == (3, 1)


async def test_somebody_made_who_is_enrolled_meanwhile_is_deactivated_by_the_undo(academy: Academy) -> None:
    made = await academy.create(academy.accounts["Dee"], username="dee")
    person = await User.get(username="dee")
    await factories.enrollment(user=person)
    assert typenames(await academy.restore(applicationId=made["application"]["id"])) == []
    await person.refresh_from_db()
    assert person.deactivated_at == academy.house.clock()
    assert await ProviderLink.filter(unlinked_at=None).count() == 0


async def test_undo_ends_after_30_days_and_at_the_border_of_the_facility(academy: Academy) -> None:
    applied = await academy.apply(autoConfirmed=True)
    application = applied["application"]["id"]
    assert typenames(await academy.restore(academy.southern, applicationId=application)) == ["NotFoundError"]
    assert typenames(await academy.restore()) == ["InvalidInputError"]
    academy.house.clock.pass_(days=31)
    assert typenames(await academy.restore(applicationId=application)) == ["ConflictError"]
    assert await academy.live() == academy.true_pairs()


async def test_an_unlinked_pair_is_restored_within_30_days(academy: Academy) -> None:
    amy, ben = academy.people["Amy Long"], academy.people["Ben Long"]
    first = (await academy.link(amy, academy.accounts["Amy"]))["link"]["id"]
    assert typenames(await academy.restore(linkId=first)) == ["ConflictError"]
    await academy.unlink(first)
    assert typenames(await academy.restore(academy.southern, linkId=first)) == ["NotFoundError"]
    restored = await academy.restore(linkId=first)
    assert restored["link"] == {"id": first, "unlinkedAt": None, "undoUntil": None}
    await academy.unlink(first)
    other = (await academy.link(ben, academy.accounts["Amy"]))["link"]["id"]
    refused = await academy.restore(linkId=first)
    assert (typenames(refused), refused["errors"][0]["other"]) == (["AlreadyLinkedError"], {"id": other})
    await academy.unlink(other)
    academy.house.clock.pass_(days=31)
    assert typenames(await academy.restore(linkId=first)) == ["ConflictError"]
    assert typenames(await academy.restore(linkId=gid(ProviderLinkRef(999)))) == ["NotFoundError"]


async def test_a_restored_link_drops_what_waited_for_either_side(academy: Academy) -> None:
    """Confirmed meanwhile, and so in the way of a live link: never both."""
    amy, eve = academy.people["Amy Long"], academy.people["Eve Wholly-Different"]
    link = (await academy.link(amy, academy.accounts["Amy"]))["link"]["id"]
    await academy.unlink(link)
    await academy.decide(academy.accounts["Dee"], amy, "CONFIRMED")
    await academy.decide(academy.accounts["Amy"], eve, "CONFIRMED")
    await academy.decide(academy.accounts["Ben"], amy, "REJECTED")
    assert typenames(await academy.restore(linkId=link)) == []
    assert await MatchDraft.all().values_list("canvas_user_id", "user_id") == [(academy.accounts["Ben"], amy.id)]


async def test_students_apply_nothing_and_a_dead_canvas_says_so(academy: Academy) -> None:
    assert typenames(await academy.apply(academy.people["Amy Long"], autoConfirmed=True)) == ["NotAllowedError"]
    academy.house.hosts.apps.clear()
    assert typenames(await academy.apply(autoConfirmed=True)) == ["UpstreamUnavailableError"]
    assert await MatchApplication.all().count() == 0


async def test_a_partly_read_canvas_is_not_applied_as_a_whole(academy: Academy) -> None:
    """A rival may be missing: the first bucket is refused, a list is not."""
    broken = academy.world.add_course("Broken")
    academy.world.enrol(broken.id, int(academy.accounts["Dee"]))
    behaviour = academy.house.sandboxes[academy.canvas.id].state.behaviour
    behaviour.has_graphql = False
    behaviour.faults.append(Fault(path=f"courses/{broken.id}/enrollments", status=400))
    report = await academy.report()
    assert (report["state"], report["counts"]["autoConfirmed"]) == ("STALE", 3)
    assert (report["sources"][0]["expected"], report["sources"][0]["loaded"]) == (2, 1)
    assert typenames(await academy.apply(autoConfirmed=True)) == ["UpstreamUnavailableError"]
    listed = await academy.apply(confirm=[academy.pair(academy.accounts["Amy"], academy.people["Amy Long"])])
    assert listed["applied"] == 1


async def test_the_same_key_applies_once_and_answers_the_same_again(academy: Academy) -> None:
    """C-25: outcomes, errors and nodes included."""
    eve = academy.people["Eve Wholly-Different"]
    given = {
        "idempotencyKey": "k1",
        "confirm": [academy.pair(academy.accounts["Amy"], eve), academy.pair("424242", eve)],
        "create": [{"canvasUserId": academy.accounts["Dee"], "username": "dee"}],
    }
    first = await academy.apply(**given)
    assert [one["outcome"] for one in first["outcomes"]] == ["LINKED", "FAILED", "CREATED"]
    again = await academy.apply(**given)
    assert {**again, "provider": None} == {**first, "provider": None}
    assert await MatchApplication.all().count() == 1
    assert await User.filter(username="dee").count() == 1


async def test_nothing_that_is_logged_names_anybody(academy: Academy, caplog: pytest.LogCaptureFixture) -> None:
    """AC-19."""
    with capture_logs() as logs:
        await academy.report()
        await academy.decide(academy.accounts["Dee"], academy.people["Eve Wholly-Different"], "CONFIRMED")
        await academy.apply(autoConfirmed=True, confirmed=True, create=[{"canvasUserId": academy.accounts["Dee"]}])
    said = repr(logs) + caplog.text
    assert not [name for name in ("Long", "Wholly", "Amy", "Dee ") if name in said]
