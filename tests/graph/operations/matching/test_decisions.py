"""Decisions wait on the server; nothing is linked by them (AC-07, AC-08)."""

from __future__ import annotations

import pytest

from db.models import MatchDraft, ProviderLink, User
from domain.enums import Role
from domain.refs import ProviderRef, UserRef
from tests import factories
from tests.graph.operations.matching.scene import Scene, rows, typenames
from tests.support.house import House, gid


@pytest.fixture
async def scene(house: House) -> Scene:
    found = Scene(house)
    found.reed = found.account("Sam Reed")  # type: ignore[attr-defined]
    found.stranger = found.account("Quentin Xylander")  # type: ignore[attr-defined]
    await found.open(match_policy="PUBLISHED")
    await found.person("Sam", "Reed")
    await found.person("Ida", "Hall")
    await found.person("Sam", "Reed", found.south, username="southern.reed")
    return found


async def test_a_confirmed_pair_waits_with_who_and_when_and_can_be_cancelled(scene: Scene) -> None:
    ida = scene.people["Ida Hall"]
    decided = await scene.decide(scene.stranger, ida, "CONFIRMED")  # type: ignore[attr-defined]
    assert decided["errors"] == []
    assert decided["provider"]["matchReport"]["counts"]["decided"] == 1
    (one,) = (await scene.report())["unmatched"]
    assert one["confirmed"] == {
        "user": {"username": ida.username},
        "decidedBy": {"username": scene.admin.username},
        "decidedAt": scene.house.clock().isoformat(),
    }
    assert await ProviderLink.all().count() == 0
    cleared = await scene.decide(scene.stranger, None, None)  # type: ignore[attr-defined]
    assert cleared["provider"]["matchReport"]["counts"]["decided"] == 0
    assert await MatchDraft.all().count() == 0


async def test_a_confirmed_person_is_proposed_to_nobody_else(scene: Scene) -> None:
    """AC-07: queued people are not offered again, on the server."""
    reed = await scene.person("Sam", "Reed", username="second.reed")
    await scene.decide(scene.stranger, reed, "CONFIRMED")  # type: ignore[attr-defined]
    report = await scene.report()
    assert rows(report["autoConfirmed"])[0][1] != "second.reed"
    offered = {other["user"]["username"] for one in report["autoConfirmed"] for other in one["runnerUps"]}
    assert "second.reed" not in offered
    listed = await scene.house.data(
        "query L($p: ID!) { users(filter: {role: STUDENT, notLinkedTo: $p}) { nodes { username } } }",
        scene.admin,
        p=gid(ProviderRef(scene.canvas.id)),
    )
    assert "second.reed" not in [node["username"] for node in listed["users"]["nodes"]]


async def test_a_rejected_pair_is_never_suggested_until_cleared(scene: Scene) -> None:
    (one,) = (await scene.report())["autoConfirmed"]
    account, username = one["canvasUser"]["canvasUserId"], one["user"]["username"]
    person = await User.get(username=username)
    await scene.decide(account, person, "REJECTED")
    report = await scene.report()
    assert report["counts"] == {"autoConfirmed": 0, "ambiguous": 0, "unmatched": 2, "decided": 1}
    line = next(one for one in report["unmatched"] if one["canvasUser"]["canvasUserId"] == account)
    assert [draft["user"]["username"] for draft in line["rejected"]] == [username]
    assert username not in [other["user"]["username"] for other in line["runnerUps"]]
    await scene.decide(account, person, None)
    assert (await scene.report())["counts"]["autoConfirmed"] == 1


async def test_of_two_admins_one_wins_and_the_other_is_told_how(scene: Scene) -> None:
    """W-20: a side waits for one other side at most, also across facilities; people elsewhere are not named."""
    ida, southern = scene.people["Ida Hall"], scene.people["Sam Reed"]
    assert southern.username == "southern.reed"
    assert typenames(await scene.decide(scene.reed, southern, "CONFIRMED", scene.southern)) == []  # type: ignore[attr-defined]
    refused = await scene.decide(scene.reed, ida, "CONFIRMED")  # type: ignore[attr-defined]
    (error,) = refused["errors"]
    assert (error["__typename"], error["path"]) == ("ConflictError", ["canvasUserId"])
    assert "somebody else" in error["message"]
    assert "Reed" not in error["message"]
    assert rows((await scene.report())["autoConfirmed"]) == []
    await scene.decide(scene.stranger, ida, "CONFIRMED")  # type: ignore[attr-defined]
    assert typenames(await scene.decide(scene.reed, ida, "CONFIRMED", scene.chief)) == ["ConflictError"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [{"deactivated_at": factories.NOW}, {"role": Role.FACILITY_ADMIN}])
async def test_a_confirmation_of_somebody_who_is_no_student_any_more_gives_way(
    scene: Scene, change: dict[str, object]
) -> None:
    """It is shown nowhere, so nobody could clear it."""
    reed, ida = scene.people["Sam Reed"], scene.people["Ida Hall"]
    await scene.decide(scene.reed, reed, "CONFIRMED", scene.southern)  # type: ignore[attr-defined]
    await User.filter(id=reed.id).update(**change)
    assert typenames(await scene.decide(scene.reed, ida, "CONFIRMED")) == []  # type: ignore[attr-defined]
    assert await MatchDraft.all().values_list("user_id", flat=True) == [ida.id]


@pytest.mark.parametrize("account", ["9" * 65, "", "../1", "-1", "\u0663", "1\x00"])
async def test_what_is_no_account_s_id_is_a_typed_error_everywhere(scene: Scene, account: str) -> None:
    ida = scene.people["Ida Hall"]
    odd = "\x00" in account
    wanted = ["InvalidInputError" if odd else "NotFoundError"]
    assert typenames(await scene.decide(account, ida, "CONFIRMED")) == wanted
    assert typenames(await scene.decide(account, ida, None)) == wanted
    assert typenames(await scene.link(ida, account)) == wanted
    assert typenames(await scene.create(account, username="x")) == wanted
    applied = await scene.apply(confirm=[{"canvasUserId": account, "userId": gid(UserRef(ida.id))}])
    if odd:
        assert typenames(applied) == ["InvalidInputError"]
    else:
        assert [one["error"]["__typename"] for one in applied["failed"]] == ["NotAStudentError"]
    assert (await MatchDraft.all().count(), await ProviderLink.all().count()) == (0, 0)


async def test_what_an_admin_may_not_see_they_may_not_decide(scene: Scene) -> None:
    southern = scene.people["Sam Reed"]
    assert typenames(await scene.decide(scene.reed, southern, "CONFIRMED")) == ["NotFoundError"]  # type: ignore[attr-defined]
    assert typenames(await scene.decide("98765", scene.people["Ida Hall"], "CONFIRMED")) == ["NotFoundError"]
    assert typenames(await scene.decide(scene.reed, None, "CONFIRMED")) == ["InvalidInputError"]  # type: ignore[attr-defined]
    student = scene.people["Ida Hall"]
    assert typenames(await scene.decide(scene.reed, student, "CONFIRMED", student)) == ["NotAllowedError"]  # type: ignore[attr-defined]
    assert typenames(await scene.decide(scene.reed, None, None, student)) == ["NotAllowedError"]  # type: ignore[attr-defined]
    await scene.decide(scene.reed, southern, "CONFIRMED", scene.southern)  # type: ignore[attr-defined]
    assert typenames(await scene.decide(scene.reed, southern, None)) == ["NotFoundError"]  # type: ignore[attr-defined]
    await scene.decide(scene.reed, None, None)  # type: ignore[attr-defined]
    assert await MatchDraft.all().count() == 1
