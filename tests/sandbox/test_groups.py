"""Group sets, groups and memberships: everything Canvas does without saying so."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from sandbox.app import Sandbox
from sandbox.world import World
from sandbox.world.rows import Group

SETS = "/api/v1/courses/4821/group_categories"


@pytest.fixture
def teams(world: World) -> list[Group]:
    """A normal set with two teams: 91 and 92 in the first, 93 in the second; 94 and 95 in none."""
    world.add_group_set(4821, "Labs", id=41)
    return [
        world.add_group(41, "Team 1", id=610, members=[91, 92]),
        world.add_group(41, "Team 2", id=611, members=[93]),
    ]


def _members(world: World, group_id: int) -> list[int]:
    return sorted(row.user_id for row in world.accepted(group_id))


async def _put(client: httpx.AsyncClient, group_id: int, **body: Any) -> httpx.Response:
    return await client.put(f"/api/v1/groups/{group_id}", json=body)


async def test_a_set_has_counts_only_where_asked(client: httpx.AsyncClient, teams: list[Group]) -> None:
    plain = (await client.get(SETS)).json()[0]
    counted = (await client.get(f"{SETS}?includes[]=groups_count&includes[]=unassigned_users_count")).json()[0]

    assert "groups_count" not in plain
    assert (counted["groups_count"], counted["unassigned_users_count"]) == (2, 2)
    assert (plain["role"], plain["self_signup"], plain["protected"], plain["progress"]) == (None, None, False, None)


async def test_sets_of_a_course_are_none_of_its_accounts(
    client: httpx.AsyncClient, app: Sandbox, teams: list[Group]
) -> None:
    path = "/api/v1/accounts/{}/group_categories"

    assert (await client.get(path.format(1))).json() == []
    assert (await client.get(path.format(99))).status_code == 404
    app.state.behaviour.denied_rights = ["manage_groups"]
    assert (await client.get(path.format(1))).status_code == 403


@pytest.mark.parametrize("name", ["", "  ", "Labs", "labs", "Student Groups", "Imported Groups"])
async def test_bad_set_names_are_hash_errors_on_name(client: httpx.AsyncClient, teams: list[Group], name: str) -> None:
    answer = await client.post(SETS, data={"name": name})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["name"]


@pytest.mark.parametrize(
    ("extra", "unassigned"),
    [
        ({"create_group_count": 2}, 0),
        ({"create_group_count": 2, "split_groups": "0"}, 5),
        ({"create_group_count": 2, "self_signup": "enabled"}, 5),
        ({"split_group_count": 2}, 0),
        ({}, 5),
    ],
)
async def test_counting_groups_on_creation_fills_them_unless_told_not_to(
    client: httpx.AsyncClient, extra: dict[str, Any], unassigned: int
) -> None:
    answer = await client.post(SETS, data={"name": "Projects", **extra})

    assert answer.status_code == 200
    assert answer.json()["unassigned_users_count"] == unassigned
    assert answer.json()["groups_count"] == (2 if extra else 0)


async def test_sets_of_students_are_protected(client: httpx.AsyncClient, world: World) -> None:
    world.add_group_set(4821, "Student Groups", id=42, role="student_organized")

    answers = [
        await client.put("/api/v1/group_categories/42", data={"name": "x"}),
        await client.delete("/api/v1/group_categories/42"),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, {"status": "unauthorized"})] * 2


async def test_unknown_and_deleted_sets_have_a_body_of_their_own(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    deleted = await client.delete("/api/v1/group_categories/41")
    gone = await client.get("/api/v1/group_categories/41")

    assert deleted.json()["name"] == "Labs"
    assert (gone.status_code, gone.json()) == (404, {"status": "not found"})
    assert (await client.get("/api/v1/groups/610")).status_code == 404
    assert _members(world, 610) == []


async def test_a_new_limit_reaches_every_group(client: httpx.AsyncClient, world: World, teams: list[Group]) -> None:
    await client.put("/api/v1/group_categories/41", data={"group_limit": 2, "name": "Labs"})

    rows = (await client.get("/api/v1/group_categories/41/groups")).json()
    assert [(row["max_membership"], row["is_full"]) for row in rows] == [(2, True), (2, False)]


async def test_tags_are_hidden_unless_asked_for(client: httpx.AsyncClient, world: World, teams: list[Group]) -> None:
    world.add_group_set(4821, "Extra time", id=43, non_collaborative=True)
    world.add_group(43, "Tagged", members=[91])

    shown = [
        [row["name"] for row in (await client.get(f"{SETS}?collaboration_state={state}")).json()]
        for state in ("collaborative", "non_collaborative", "all")
    ]
    groups = (await client.get("/api/v1/courses/4821/groups")).json()
    wrong = await client.get(f"{SETS}?collaboration_state=other")

    assert shown == [["Labs"], ["Extra time"], ["Extra time", "Labs"]]
    assert [row["name"] for row in groups] == ["Team 1", "Team 2"]
    assert wrong.status_code == 400
    assert _members(world, 610) == [91, 92]


async def test_groups_list_their_people_with_include(
    client: httpx.AsyncClient, app: Sandbox, teams: list[Group]
) -> None:
    url = "/api/v1/group_categories/41/groups?include[]=users"
    seen = (await client.get(url)).json()
    app.state.behaviour.deny(4821, "read_roster")
    unseen = (await client.get(url)).json()

    assert [[user["id"] for user in row["users"]] for row in seen] == [[91, 92], [93]]
    assert [row["members_count"] for row in unseen] == [2, 1]
    assert ["users" in row for row in unseen] == [False, False]


async def test_unassigned_are_current_students_in_no_group(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    world.enrollments_of_user[95][0].state = "completed"
    url = "/api/v1/group_categories/41/users"

    free = (await client.get(f"{url}?unassigned=true")).json()
    everyone = (await client.get(url)).json()

    assert [row["id"] for row in free] == [94]
    assert [row["id"] for row in everyone] == [55, 91, 92, 93, 94]


async def test_a_new_group_answers_200_with_its_people_and_set(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    made = await client.post("/api/v1/group_categories/41/groups", data={"name": "Team 3"})
    blank = await client.post("/api/v1/group_categories/41/groups", data={"name": ""})

    assert made.status_code == 200
    assert (made.json()["users"], made.json()["group_category"]["id"]) == ([], 41)
    assert blank.json()["errors"]["name"][0]["message"] == "Name is required"


async def test_members_are_replaced_moved_and_strangers_dropped(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    world.add_user("Stranger", id=500)

    answer = await _put(client, 610, members=["92", 93, 55, 500, "93"])

    assert answer.status_code == 200
    assert [user["id"] for user in answer.json()["users"]] == [55, 92, 93]
    assert (answer.json()["members_count"], _members(world, 611)) == (3, [])


@pytest.mark.parametrize("members", [[], ["sis_user_id:D00001"], ["0"]])
async def test_members_nobody_matches_empty_the_group(
    client: httpx.AsyncClient, world: World, teams: list[Group], members: list[str]
) -> None:
    answer = await _put(client, 610, members=members)

    assert (answer.status_code, _members(world, 610)) == (200, [])


async def test_members_come_as_commas_and_as_form_fields(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    await client.put("/api/v1/groups/610", data={"members": "91,94"})
    commas = _members(world, 610)
    await client.put("/api/v1/groups/610", data={"members[]": ["95"]})
    fields = _members(world, 610)
    await client.put("/api/v1/groups/610", data={"members[]": ""})

    assert (commas, fields, _members(world, 610)) == ([91, 94], [95], [])


async def test_members_over_the_limit_are_silently_left_out(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    teams[0].max_membership = 3

    answer = await _put(client, 610, members=[94, 91, 92, 95])

    assert (answer.status_code, answer.json()["members_count"], _members(world, 610)) == (200, 3, [91, 92, 94])


async def test_without_members_only_the_rest_changes(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    world.membership(610, 91).moderator = True  # type: ignore[union-attr]
    answer = await _put(client, 610, name="Crew", description="Bay 2")
    kept = await _put(client, 610, members=[91])

    assert (answer.json()["name"], answer.json()["description"], answer.json()["members_count"]) == ("Crew", "Bay 2", 2)
    assert kept.json()["members_count"] == 1
    assert [row.moderator for row in world.accepted(610)] == [True]


async def test_a_leader_is_a_member_already_and_nothing_changes_otherwise(
    client: httpx.AsyncClient, teams: list[Group]
) -> None:
    leads = await _put(client, 610, leader={"id": 91})
    stranger = await _put(client, 610, leader={"id": 94}, name="Renamed")
    cleared = await _put(client, 610, leader={"id": ""})

    assert leads.json()["leader"]["id"] == 91
    assert (stranger.status_code, stranger.json(), teams[0].name) == (400, {}, "Team 1")
    assert cleared.json()["leader"] is None


async def test_deleting_a_group_twice_is_not_found(client: httpx.AsyncClient, world: World, teams: list[Group]) -> None:
    statuses = [(await client.delete("/api/v1/groups/610")).status_code for _ in range(2)]

    assert (statuses, _members(world, 610)) == ([200, 404], [])


async def test_adding_one_person_is_idempotent_and_moves_them(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    url = "/api/v1/groups/611/memberships"
    first = (await client.post(url, data={"user_id": 91})).json()
    second = (await client.post(url, data={"user_id": "sis_user_id:D00001"})).json()

    assert (first["just_created"], second["just_created"], first["id"] == second["id"]) == (True, False, True)
    assert (_members(world, 610), _members(world, 611)) == ([92], [91, 93])


async def test_a_full_group_refuses_one_more(client: httpx.AsyncClient, teams: list[Group]) -> None:
    teams[1].max_membership = 1

    answer = await client.post("/api/v1/groups/611/memberships", data={"user_id": 94})

    assert answer.status_code == 400
    assert answer.json() == {
        "errors": {
            "group_id": [{"attribute": "group_id", "type": "The group is full.", "message": "The group is full."}]
        }
    }


async def test_who_is_not_enrolled_cannot_be_added(client: httpx.AsyncClient, world: World, teams: list[Group]) -> None:
    world.add_user("Stranger", id=500)

    assert (await client.post("/api/v1/groups/610/memberships", data={"user_id": 500})).status_code == 403


async def test_a_restricted_set_keeps_sections_apart(client: httpx.AsyncClient, world: World) -> None:
    world.add_group_set(4821, "By section", id=44, self_signup="restricted")
    world.enrollments_of_user[95][0].section_id = 992
    world.add_group(44, "A", id=620, members=[92])

    same = await client.post("/api/v1/groups/620/memberships", data={"user_id": 93})
    other = await client.post("/api/v1/groups/620/memberships", data={"user_id": 95})

    assert (same.status_code, other.status_code) == (200, 400)


async def test_memberships_are_read_changed_and_removed(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    rows = (await client.get("/api/v1/groups/610/memberships")).json()
    one = (await client.get("/api/v1/groups/610/users/91")).json()
    changed = (await client.put("/api/v1/groups/610/users/91", data={"moderator": "true"})).json()
    removed = (await client.delete(f"/api/v1/groups/610/memberships/{rows[1]['id']}")).json()
    by_sis = (await client.delete("/api/v1/groups/610/users/sis_user_id:D00001")).json()

    assert [(row["user_id"], row["workflow_state"]) for row in rows] == [(91, "accepted"), (92, "accepted")]
    assert (one["id"], changed["moderator"]) == (rows[0]["id"], True)
    assert (removed, by_sis, _members(world, 610)) == ({"ok": True}, {"ok": True}, [])


async def test_invitations_by_mail_join_enrolled_people_at_once(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    mails = ["reed4@school.example", "nobody@school.example"]

    rows = (await client.post("/api/v1/groups/610/invite", data={"invitees[]": mails})).json()

    assert [(row["user_id"], row["workflow_state"]) for row in rows] == [(94, "accepted")]


async def test_a_student_signs_up_where_the_set_allows(client: httpx.AsyncClient, app: Sandbox, world: World) -> None:
    app.state.behaviour.tokens["student"] = 94
    world.add_group(world.add_group_set(4821, "Circles", self_signup="enabled").id, "Open", id=630)
    world.add_group(world.add_group_set(4821, "Closed").id, "Shut", id=631)
    own = {"Authorization": "Bearer student"}

    statuses = [
        (await client.post(f"/api/v1/groups/{key}/memberships", data={"user_id": "self"}, headers=own)).status_code
        for key in (630, 631)
    ]

    assert statuses == [200, 403]


async def test_random_assignment_at_once_tells_who_went_where(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    answer = await client.post("/api/v1/group_categories/41/assign_unassigned_members", data={"sync": "true"})

    placed = {row["id"]: [member["user_id"] for member in row["new_members"]] for row in answer.json()}
    assert sorted(placed[610] + placed[611]) == [94, 95]
    assert sorted(len(_members(world, key)) for key in (610, 611)) == [2, 3]
    assert answer.json()[1]["new_members"][0]["sections"][0]["section_code"] == "A"


async def test_random_assignment_later_is_followed_by_its_progress(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    begun = (await client.post("/api/v1/group_categories/41/assign_unassigned_members")).json()
    before = _members(world, 610) + _members(world, 611)
    category = (await client.get("/api/v1/group_categories/41")).json()
    looks = [(await client.get(f"/api/v1/progress/{begun['id']}")).json() for _ in range(2)]

    assert (begun["workflow_state"], begun["completion"], begun["tag"]) == ("queued", None, "assign_unassigned_members")
    assert (before, category["progress"]["id"]) == ([91, 92, 93], begun["id"])
    assert [(look["workflow_state"], look["completion"]) for look in looks] == [("running", 50.0), ("completed", 100.0)]
    assert sorted(_members(world, 610) + _members(world, 611)) == [91, 92, 93, 94, 95]


@pytest.mark.parametrize("odd", [{"role": "student_organized"}, {"self_signup": "restricted"}])
async def test_some_sets_cannot_be_filled_at_random(
    client: httpx.AsyncClient, world: World, odd: dict[str, str]
) -> None:
    world.add_group_set(4821, "Odd", id=45, **odd)  # type: ignore[arg-type]

    answer = await client.post("/api/v1/group_categories/45/assign_unassigned_members")

    assert (answer.status_code, answer.json()) == (400, {})


@pytest.mark.parametrize("raw", [True, False])
async def test_a_csv_places_a_whole_course(
    client: httpx.AsyncClient, app: Sandbox, world: World, teams: list[Group], raw: bool
) -> None:
    app.state.behaviour.progress_polls = 0
    text = "login_id,group_name\nreed1,Team 2\nreed4,Team 9\nortiz,Team 9\n"
    url = "/api/v1/group_categories/41/import"

    if raw:
        answer = await client.post(url, content=text, headers={"Content-Type": "text/csv"})
    else:
        answer = await client.post(url, files={"attachment": ("groups.csv", text, "text/csv")})

    made = world.live_groups(41)[-1]
    assert orjson.loads(answer.json()["message"]) == {"type": "import_groups", "groups": 1, "users": 2, "error": None}
    assert (made.name, _members(world, made.id)) == ("Team 9", [94])
    assert (_members(world, 610), _members(world, 611)) == ([92], [91, 93])


async def test_a_csv_out_has_everyone(client: httpx.AsyncClient, teams: list[Group]) -> None:
    lines = (await client.get("/api/v1/group_categories/41/export")).text.splitlines()

    assert lines[1] == 'Student1 Reed,91,D00001,reed1,"A, B",Team 1,610,'
    assert lines[-1] == "Student5 Reed,95,D00005,reed5,A,,,"
    assert len(lines) == 6


async def test_cancelled_work_fails_and_is_not_done(
    client: httpx.AsyncClient, world: World, teams: list[Group]
) -> None:
    begun = (await client.post("/api/v1/group_categories/41/assign_unassigned_members")).json()
    ended = (await client.post(f"/api/v1/progress/{begun['id']}/cancel", data={"message": "stop"})).json()

    assert (ended["workflow_state"], ended["message"]) == ("failed", "stop")
    assert _members(world, 610) + _members(world, 611) == [91, 92, 93]
