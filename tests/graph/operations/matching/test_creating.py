"""Making our people from Canvas, and Canvas's from ours (AC-06, P-64, W-04, W-22)."""

from __future__ import annotations

import pytest

from db.models import ProviderLink, User
from domain.enums import Role
from domain.refs import FacilityRef, ProviderRef, UserRef
from sandbox.behaviour import Fault
from tests import factories
from tests.graph.operations.matching.scene import Scene, typenames
from tests.support.house import House, gid

ACCOUNT = """
mutation A($input: CreateCanvasAccountInput!) { createCanvasAccount(input: $input) {
  link { externalUserId externalUsername canvasName loginState user { username } }
  errors { __typename ... on UserError { message path } ... on LoginTakenError { account { canvasUserId name roles } } } } }
"""


@pytest.fixture
async def scene(house: House) -> Scene:
    found = Scene(house)
    found.nguyen = found.account(  # type: ignore[attr-defined]
        "Thị Ánh Nguyễn-O\u2019Neil",
        login="tanguyen",
        sis_id="D77",
        email="ta@example.org",
        sortable_name="Nguyễn-O\u2019Neil, Thị Ánh",
    )
    found.cher = found.account("Cher")  # type: ignore[attr-defined]
    await found.open()
    await found.person("Ida", "Hall", username="ihall", doc_id="D5")
    return found


async def test_prefilled_values_make_a_person_whose_names_stay_as_they_are(scene: Scene) -> None:
    account = scene.nguyen  # type: ignore[attr-defined]
    (_, one) = sorted((await scene.report())["unmatched"], key=lambda line: line["canvasUser"]["name"])
    assert one["canvasUser"]["suggestedUser"] == {
        "firstName": "Thị Ánh",
        "lastName": "Nguyễn-O\u2019Neil",
        "username": "tanguyen",
        "docId": "D77",
        "email": "ta@example.org",
    }
    scene.house.forget_calls()
    made = await scene.create(account)
    assert made["errors"] == []
    assert made["user"] | {"id": ""} == {
        "id": "",
        "username": "tanguyen",
        "firstName": "Thị Ánh",
        "lastName": "Nguyễn-O\u2019Neil",
        "docId": "D77",
        "email": "ta@example.org",
        "role": "STUDENT",
        "facility": {"name": "North"},
    }
    assert (made["link"]["externalUserId"], made["link"]["canvasName"]) == (account, "Thị Ánh Nguyễn-O\u2019Neil")
    assert [node["canvasUserId"] for node in made["provider"]["canvasUsers"]["nodes"]] == [scene.cher]  # type: ignore[attr-defined]
    assert made["provider"]["matchReport"]["counts"] == {"unmatched": 1}
    assert scene.house.calls(scene.canvas) == []


@pytest.mark.parametrize(("shown", "sortable", "first", "last"), [
    ("محمد الأحمد", "الأحمد, محمد", "محمد", "الأحمد"),
    ("小明 王", "王, 小明", "小明", "王"),
    ("प्रिया शर्मा", "शर्मा, प्रिया", "प्रिया", "शर्मा"),
    ("Владимир Лебедев-Кумач", "Лебедев-Кумач, Владимир", "Владимир", "Лебедев-Кумач"),
    ("D'Arcy van der Bijl", "van der Bijl, D'Arcy", "D'Arcy", "van der Bijl"),
    ("Kalani \u02bbŌpūnui", "\u02bbŌpūnui, Kalani", "Kalani", "\u02bbŌpūnui"),
    ("\U00010414\U0001042f Smith", "Smith, \U00010414\U0001042f", "\U00010414\U0001042f", "Smith"),
    ("علی\u200cرضا رضایی", "رضایی, علی\u200cرضا", "علی\u200cرضا", "رضایی"),  # noqa: RUF001
])  # fmt: skip
async def test_names_keep_the_letters_of_every_script(
    scene: Scene, shown: str, sortable: str, first: str, last: str
) -> None:
    """P-64 stripped everything but ASCII letters."""
    account = scene.account(shown, login="somebody", sortable_name=sortable)
    made = await scene.create(account)
    assert made["errors"] == []
    assert (made["user"]["firstName"], made["user"]["lastName"], made["link"]["canvasName"]) == (first, last, shown)


async def test_what_is_given_wins_over_what_is_prefilled(scene: Scene) -> None:
    made = await scene.create(
        scene.cher,  # type: ignore[attr-defined]
        viewer=scene.chief,
        facilityId=gid(FacilityRef(scene.south.id)),
        firstName="Cherilyn",
        lastName="",
        username="cher",
        docId="D9",
    )
    assert made["errors"] == []
    user = made["user"]
    assert (user["firstName"], user["lastName"], user["username"], user["docId"], user["email"]) == (
        "Cherilyn",
        "",
        "cher",
        "D9",
        None,
    )
    assert user["facility"] == {"name": "South"}


async def test_what_stands_in_the_way_is_named_and_nothing_is_half_made(scene: Scene) -> None:
    """W-22."""
    cher, nguyen = scene.cher, scene.nguyen  # type: ignore[attr-defined]
    before = await User.all().count()
    taken = await scene.create(cher, username="IHALL")
    assert [(e["__typename"], e["path"]) for e in taken["errors"]] == [("NameTakenError", ["username"])]
    doc = await scene.create(cher, username="cher", docId="D5")
    assert [(e["__typename"], e["path"]) for e in doc["errors"]] == [("NameTakenError", ["docId"])]
    nameless = await scene.create(cher)
    assert [(e["__typename"], e["path"]) for e in nameless["errors"]] == [("InvalidInputError", ["username"])]
    nowhere = await scene.create(cher, viewer=scene.chief, username="cher")
    assert [(e["__typename"], e["path"]) for e in nowhere["errors"]] == [("InvalidInputError", ["facilityId"])]
    south = gid(FacilityRef(scene.south.id))
    assert typenames(await scene.create(cher, username="cher", facilityId=south)) == ["NotFoundError"]
    assert typenames(await scene.create(cher, viewer=scene.people["Ida Hall"], username="x")) == ["NotAllowedError"]
    assert typenames(await scene.create("424242", username="cher")) == ["NotFoundError"]
    await scene.link(scene.people["Ida Hall"], nguyen)
    assert typenames(await scene.create(nguyen)) == ["AlreadyLinkedError"]
    assert (await User.all().count(), await ProviderLink.all().count()) == (before, 1)


async def test_people_are_created_in_an_application_with_an_outcome_each(scene: Scene) -> None:
    applied = await scene.apply(
        create=[
            {"canvasUserId": scene.nguyen},  # type: ignore[attr-defined]
            {"canvasUserId": scene.cher, "username": "ihall"},  # type: ignore[attr-defined]
        ]
    )
    assert [one["outcome"] for one in applied["outcomes"]] == ["CREATED", "FAILED"]
    assert (applied["applied"], applied["created"]) == (0, 1)
    assert applied["failed"][0]["error"]["__typename"] == "NameTakenError"


async def account(scene: Scene, viewer: User | None = None, **given: object) -> dict[str, object]:
    ida = scene.people["Ida Hall"]
    asked = {"userId": gid(UserRef(ida.id)), "providerId": gid(ProviderRef(scene.canvas.id)), **given}
    data = await scene.house.data(ACCOUNT, viewer or scene.admin, input=asked)
    return data["createCanvasAccount"]  # type: ignore[no-any-return]


async def test_an_account_is_made_and_linked_in_two_requests(scene: Scene) -> None:
    made = await account(scene)
    assert made["errors"] == []
    row = scene.world.users[max(scene.world.users)]
    assert made["link"] == {
        "externalUserId": str(row.id),
        "externalUsername": "ihall",
        "canvasName": "Ida Hall",
        "loginState": "NONE",
        "user": {"username": "ihall"},
    }
    assert (row.sortable_name, row.email) == ("Hall, Ida", None)
    assert scene.house.calls(scene.canvas) == [
        ("GET", "/api/v1/accounts/1/users"),
        ("POST", "/api/v1/accounts/1/users"),
    ]
    assert typenames(await account(scene)) == ["AlreadyLinkedError"]


async def test_after_a_lost_answer_it_looks_before_it_makes_a_second_account(scene: Scene) -> None:
    before = len(scene.world.users)
    faults = scene.house.sandboxes[scene.canvas.id].state.behaviour.faults
    faults.append(Fault(kind="lost", method="POST", path="accounts/1/users", times=1))
    made = await account(scene)
    assert made["errors"] == []
    assert len(scene.world.users) == before + 1
    assert [call[0] for call in scene.house.calls(scene.canvas)] == ["GET", "POST", "GET"]


async def test_when_even_looking_fails_it_says_so_and_the_next_try_finds_it(scene: Scene) -> None:
    faults = scene.house.sandboxes[scene.canvas.id].state.behaviour.faults
    faults.append(Fault(kind="lost", method="POST", path="accounts/1/users", times=1))
    faults.append(Fault(method="GET", path="accounts/1/users", status=404, skip=1, times=1))
    lost = await account(scene)
    assert typenames(lost) == ["UpstreamUnavailableError"]
    assert "may have been made" in lost["errors"][0]["message"]  # type: ignore[index]
    faults.clear()
    before = len(scene.world.users)
    department = await factories.user(role=Role.DEPARTMENT_ADMIN)
    found = await account(scene, department)
    assert typenames(found) == ["LoginTakenError"]
    assert found["errors"][0]["account"]["name"] == "Ida Hall"  # type: ignore[index]
    linked = await account(scene, department, linkExisting=True)
    assert linked["errors"] == []
    assert len(scene.world.users) == before


async def test_a_taken_login_offers_its_account_and_never_that_of_staff(scene: Scene) -> None:
    holder = scene.account("Irma Hall", login="ihall")
    taken = await account(scene)
    assert taken["errors"][0]["account"] == {  # type: ignore[index]
        "canvasUserId": holder,
        "name": "Irma Hall",
        "roles": ["StudentEnrollment"],
    }
    linked = await account(scene, linkExisting=True)
    assert linked["link"]["externalUserId"] == holder  # type: ignore[index]


async def test_the_login_of_staff_is_not_linked(scene: Scene) -> None:
    scene.account("Irma Hall", student=False, login="ihall")
    assert typenames(await account(scene, linkExisting=True)) == ["NotAStudentError"]
    assert await ProviderLink.all().count() == 0


async def test_while_rosters_are_missing_nobody_can_tell_whose_the_login_is(scene: Scene) -> None:
    """D-10: an account whose courses are unknown may be a teacher's, so not even a department admin links it."""
    teacher, student = scene.world.add_user("Irma Hall", login="ihall"), scene.account("Ivo Hall", login="ivo")
    broken = scene.world.add_course("Broken")
    scene.world.enrol(broken.id, teacher.id, type="TeacherEnrollment")
    behaviour = scene.house.sandboxes[scene.canvas.id].state.behaviour
    behaviour.has_graphql = False
    behaviour.faults.append(Fault(path=f"courses/{broken.id}/enrollments", status=400))
    for given in ({}, {"linkExisting": True}):
        assert typenames(await account(scene, scene.chief, **given)) == ["UpstreamUnavailableError"]
    assert await ProviderLink.all().count() == 0
    scene.people["Ida Hall"] = await scene.person("Ivo", "Hall", username="ivo")
    linked = await account(scene, linkExisting=True)
    assert linked["link"]["externalUserId"] == student  # type: ignore[index]


async def test_what_canvas_refuses_is_a_typed_error(scene: Scene) -> None:
    behaviour = scene.house.sandboxes[scene.canvas.id].state.behaviour
    behaviour.denied_rights.append("manage_logins")
    assert typenames(await account(scene)) == ["UpstreamRejectedError"]
    behaviour.denied_rights.clear()
    scene.house.hosts.apps.clear()
    assert typenames(await account(scene)) == ["UpstreamUnavailableError"]
    assert await ProviderLink.all().count() == 0


async def test_a_person_elsewhere_gets_no_account(scene: Scene) -> None:
    far = await factories.user(facility=scene.south)
    given = {"userId": gid(UserRef(far.id)), "providerId": gid(ProviderRef(scene.canvas.id))}
    data = await scene.house.data(ACCOUNT, scene.admin, input=given)
    assert typenames(data["createCanvasAccount"]) == ["NotFoundError"]
    assert scene.house.calls(scene.canvas) == []
