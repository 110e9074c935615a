"""What a report says, to whom, and what it costs."""

from __future__ import annotations

import pytest

from domain.enums import MatchPolicy
from domain.refs import FacilityRef
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from tests import factories
from tests.graph.operations.matching.scene import Scene, rows, typenames
from tests.support.house import House, gid


@pytest.fixture
async def scene(house: House) -> Scene:
    found = Scene(house)
    found.account("Sam Reed", login="sreed", sis_id="D1")
    found.account("Smith Bob", login="bs")
    found.account("Quentin Xylander")
    found.account("Tia Cher", student=False)
    await found.open()
    await found.person("Sam", "Reed", username="sreed", doc_id="D1")
    await found.person("Ida", "Hall")
    await found.person("Bob", "Smith")
    await found.person("Sam", "Reade", found.south)
    return found


async def test_the_report_holds_every_canvas_student_once(scene: Scene) -> None:
    """D-02, D-10: the teacher is no candidate; swapped names go to review; a stranger is nobody."""
    report = await scene.report()
    assert (report["state"], report["run"], report["computedAt"]) == ("FRESH", None, scene.house.clock().isoformat())
    assert report["counts"] == {"autoConfirmed": 1, "ambiguous": 1, "unmatched": 1, "decided": 0}
    assert rows(report["autoConfirmed"]) == [("Sam Reed", "sreed")]
    assert rows(report["ambiguous"]) == [("Smith Bob", scene.people["Bob Smith"].username)]
    assert rows(report["unmatched"]) == [("Quentin Xylander", None)]
    assert report["unmatched"][0]["score"] == 0
    codes = [evidence["code"] for evidence in report["autoConfirmed"][0]["evidence"]]
    assert "SIS_ID_EQUAL" in codes
    assert report["sources"] == [
        {"state": "FRESH", "expected": 1, "loaded": 1, "provider": {"name": "State College"}},
    ]


async def test_the_schema_says_what_the_matcher_says(scene: Scene) -> None:
    local = [
        LocalPerson(u.id, u.first_name, u.last_name, u.username, u.doc_id, u.email)
        for u in sorted(scene.people.values(), key=lambda u: (u.created_at, u.id))
        if u.facility_id == scene.north.id
    ]
    students = [row for row in scene.world.users.values() if row.name in ("Sam Reed", "Smith Bob", "Quentin Xylander")]
    logins = {row.user_id: row for row in scene.world.logins.values()}
    canvas = [
        CanvasPerson(str(u.id), u.name, logins[u.id].unique_id, None, logins[u.id].sis_user_id)
        if u.id in logins
        else CanvasPerson(str(u.id), u.name)
        for u in sorted(students, key=lambda u: u.id)
    ]
    for policy in MatchPolicy:
        wanted = build_report(canvas, local, policy)
        report = await scene.report(policy=policy.value)
        shown = report["autoConfirmed"] + report["ambiguous"] + report["unmatched"]
        assert [(one["canvasUser"]["canvasUserId"], one["grade"], one["score"]) for one in shown] == [
            (one.canvas_user_id, one.grade.value, one.score) for one in wanted.candidates
        ]
        assert [[r["score"] for r in one["runnerUps"]] for one in shown] == [
            [r.score for r in one.runner_ups] for one in wanted.candidates
        ]


async def test_a_facility_admin_matches_their_own_people(scene: Scene) -> None:
    """P-63: a person elsewhere does not exist."""
    assert rows((await scene.report(scene.southern))["autoConfirmed"]) == []
    assert await scene.report(scene.admin, facility=gid(FacilityRef(scene.south.id))) is None
    assert await scene.report(scene.people["Ida Hall"]) is None
    everybody = await scene.report(scene.chief)
    one = await scene.report(scene.chief, facility=gid(FacilityRef(scene.north.id)))
    assert (everybody["counts"]["autoConfirmed"], one["counts"]["autoConfirmed"]) == (1, 1)
    near = [other["user"]["username"] for other in everybody["autoConfirmed"][0]["runnerUps"]]
    assert scene.people["Sam Reade"].username in near
    assert scene.people["Sam Reade"].username not in [
        other["user"]["username"] for other in one["autoConfirmed"][0]["runnerUps"]
    ]
    assert await scene.report(scene.chief, facility=gid(FacilityRef(987))) is None


async def test_a_second_report_asks_canvas_nothing(scene: Scene) -> None:
    """AC-19: people, courses and one batch of rosters, once."""
    await scene.report()
    assert sorted(scene.house.calls(scene.canvas)) == [
        ("GET", "/api/v1/accounts/1/courses"),
        ("GET", "/api/v1/accounts/1/users"),
        ("POST", "/api/graphql"),
    ]
    scene.house.forget_calls()
    await scene.report()
    assert scene.house.calls(scene.canvas) == []


async def test_the_linked_and_the_deactivated_are_no_candidates(scene: Scene) -> None:
    reed = scene.people["Sam Reed"]
    account = (await scene.report())["autoConfirmed"][0]["canvasUser"]["canvasUserId"]
    assert typenames(await scene.link(reed, account)) == []
    bob = scene.people["Bob Smith"]
    bob.deactivated_at = scene.house.clock()
    await bob.save()
    report = await scene.report()
    assert report["counts"] == {"autoConfirmed": 0, "ambiguous": 0, "unmatched": 2, "decided": 0}
    assert [other["user"]["username"] for one in report["unmatched"] for other in one["runnerUps"]] == [
        scene.people["Ida Hall"].username
    ] * 2


async def test_a_canvas_that_is_down_is_not_an_empty_one(scene: Scene) -> None:
    scene.house.hosts.apps.clear()
    report = await scene.report()
    assert (report["state"], report["computedAt"]) == ("FAILED", None)
    assert report["counts"] == {"autoConfirmed": 0, "ambiguous": 0, "unmatched": 0, "decided": 0}
    assert [source["state"] for source in report["sources"]] == ["FAILED"]


async def test_candidates_are_paged_in_the_order_of_the_report(house: House) -> None:
    scene = Scene(house)
    for name in ("Amy Long", "Cal Long", "Ben Long", "Zed Unknown", "Al Nobody"):
        scene.account(name)
    await scene.open()
    for name in ("Ben", "Amy", "Cal"):
        await scene.person(name, "Long")
    query = """query Page($provider: ID!, $grade: MatchGrade, $after: String, $sort: MatchSort) {
      matchReport(providerId: $provider, policy: PUBLISHED) { candidates(grade: $grade, first: 2, after: $after, sort: $sort) {
        nodes { canvasUser { name } } totalCount pageInfo { hasNextPage endCursor } sources { loaded } } } }"""

    async def walk(**given: object) -> list[str]:
        names, after = [], None
        while True:
            data = await house.data(query, scene.admin, provider=scene.provider, after=after, **given)
            page = data["matchReport"]["candidates"]
            names += [node["canvasUser"]["name"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                assert page["totalCount"] == len(names)
                return names
            after = page["pageInfo"]["endCursor"]

    assert await walk() == ["Amy Long", "Cal Long", "Ben Long", "Zed Unknown", "Al Nobody"]
    assert await walk(sort="NAME") == ["Al Nobody", "Amy Long", "Ben Long", "Cal Long", "Zed Unknown"]
    assert await walk(grade="UNMATCHED") == ["Zed Unknown", "Al Nobody"]


async def test_a_provider_that_is_off_at_the_facility_has_no_report(scene: Scene) -> None:
    scene.canvas.facility_limited = True
    await scene.canvas.save()
    await factories.provider_facility(provider=scene.canvas, facility=scene.south)
    assert await scene.report(scene.admin) is None
    assert (await scene.report(scene.southern))["state"] == "FRESH"
    near = {o["user"]["username"] for one in (await scene.report(scene.chief))["unmatched"] for o in one["runnerUps"]}
    assert near <= {scene.people["Sam Reade"].username}
