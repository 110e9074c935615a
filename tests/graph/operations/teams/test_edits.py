"""Teams made and changed by hand."""

from __future__ import annotations

from db.models import Team
from tests.support.house import gid
from tests.support.school import TEAMS, School, gid_of, summary


async def test_teams_made_by_hand_are_never_touched(lab: School) -> None:
    """G-07."""
    course = gid(lab.ref)
    made = await lab.ask(
        "createTeam", "team { name source class { name } memberCount }", name="Ours", classId=course,
        userIds=[gid_of(lab.people[91]), gid_of(lab.people[96])],
    )  # fmt: skip
    assert made["team"] == {"name": "Ours", "source": "NATIVE", "class": {"name": "Welding"}, "memberCount": 2}
    row = await Team.get(name="Ours")
    await lab.pull(removeStale=True, override="because")
    await row.refresh_from_db()
    assert (await lab.here("Ours"), row.deleted_at, row.last_synced_at) == ([91, 96], None, None)


async def test_names_taken_and_canvas_names_are_typed_errors(lab: School) -> None:
    await lab.pull()
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref))
    taken = await lab.ask("createTeam", "team { id }", name=" OURS", classId=gid(lab.ref))
    assert [error["__typename"] for error in taken["errors"]] == ["NameTakenError"]
    renamed = await lab.ask("updateTeam", "team { id }", id=await lab.team("Red"), name="New")
    assert [error["__typename"] for error in renamed["errors"]] == ["ReadOnlyError"]
    deleted = await lab.ask("deleteTeam", "id", id=await lab.team("Red"))
    assert [error["__typename"] for error in deleted["errors"]] == ["ReadOnlyError"]
    changed = await lab.ask(
        "updateTeam", "team { name description }", id=await lab.team("Ours"), name="Mine", description="d"
    )
    assert changed["team"] == {"name": "Mine", "description": "d"}
    gone = await lab.ask("deleteTeam", "id", id=await lab.team("Mine"))
    assert gone["errors"] == []


async def test_who_is_deactivated_keeps_their_place_and_is_not_sent_to_canvas(lab: School) -> None:
    """Nobody is shown them, so nobody who says who is in the team means them."""
    await lab.pull()
    await lab.put("Red", [91, 92, 93, 96])
    for account in (93, 96):
        await lab.ask("deactivateUser", "user { id }", id=gid_of(lab.people[account]))
    shown = (await lab.house.data(TEAMS, lab.admin))["teams"]["nodes"][1]["members"]
    assert [member["username"] for member in shown] == ["p91", "p92"]
    await lab.put("Red", [91, 92, 97])
    assert await lab.here("Red") == [91, 92, 93, 96, 97]
    assert summary(await lab.plan())["Red"] == ["+97", "96 DEACTIVATED"]
    await lab.ask("reactivateUser", "user { id }", id=gid_of(lab.people[96]))
    assert summary(await lab.plan())["Red"] == ["+96", "+97"]
