from __future__ import annotations

import pytest

from db.models import AuditEntry, Facility, Provider, ProviderLink, User
from domain.enums import Role
from domain.refs import ProviderLinkRef, ProviderRef, UserRef
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid

LINK = """
mutation Link($input: LinkUserInput!) { linkUser(input: $input) {
  link { id externalUserId externalUsername canvasName loginState user { username } linkedBy { username } }
  errors { __typename ... on UserError { message path } ... on AlreadyLinkedError { other { user { username } } } } } }
"""
UNLINK = """
mutation Unlink($input: UnlinkUserInput!) { unlinkUser(input: $input) {
  link { id unlinkedAt } errors { __typename ... on UserError { path } } } }
"""
COUNT = "{ classes(filter: {source: CANVAS}) { nodes { enrolledCount } } }"


class Setting:
    """One facility with an admin and two students, and a Canvas with a student, a teacher and a stranger."""

    def __init__(self) -> None:
        self.world = World()
        self.student = self.world.add_user("Sam Reed", login="sreed")
        self.other = self.world.add_user("Ida Hall")
        self.teacher = self.world.add_user("Tia Cher")
        self.stranger = self.world.add_user("No Course")
        self.course = self.world.add_course("Algebra")
        self.world.enrol(self.course.id, self.student.id)
        self.world.enrol(self.course.id, self.other.id)
        self.world.enrol(self.course.id, self.teacher.id, type="TeacherEnrollment")

    north: Facility
    admin: User
    reed: User
    hall: User
    canvas: Provider

    async def fill(self, house: House) -> Setting:
        self.north = await factories.facility(name="North")
        self.admin = await factories.user(role=Role.FACILITY_ADMIN, facility=self.north)
        self.reed = await factories.user(facility=self.north)
        self.hall = await factories.user(facility=self.north)
        self.canvas = await house.canvas(self.world, name="State College")
        return self

    def link(self, user: User, account: object) -> dict[str, object]:
        id = account if isinstance(account, str) else str(account.id)
        return {"userId": gid(UserRef(user.id)), "providerId": gid(ProviderRef(self.canvas.id)), "canvasUserId": id}


@pytest.fixture
async def setting(house: House) -> Setting:
    return await Setting().fill(house)


async def typenames(house: House, setting: Setting, given: dict[str, object], viewer: User | None = None) -> list[str]:
    data = await house.data(LINK, viewer or setting.admin, input=given)
    assert data["linkUser"]["link"] is None
    return [error["__typename"] for error in data["linkUser"]["errors"]]


async def test_a_link_counts_at_once_and_asks_canvas_for_nothing_more(house: House, setting: Setting) -> None:
    """AC-04: the Canvas name stands with the link. D-04: nothing to invalidate."""
    assert (await house.data(COUNT, setting.admin))["classes"]["nodes"] == [{"enrolledCount": 0}]
    data = await house.data(LINK, setting.admin, input=setting.link(setting.reed, setting.student))
    link = data["linkUser"]["link"]
    assert data["linkUser"]["errors"] == []
    assert (link["externalUserId"], link["externalUsername"], link["canvasName"], link["loginState"]) == (
        str(setting.student.id),
        "sreed",
        "Sam Reed",
        "NONE",
    )
    assert link["linkedBy"] == {"username": setting.admin.username}
    house.forget_calls()
    assert (await house.data(COUNT, setting.admin))["classes"]["nodes"] == [{"enrolledCount": 1}]
    assert house.calls(setting.canvas) == []
    entry = await AuditEntry.get(action="linkUser")
    assert (entry.actor_id, entry.facility_id) == (setting.admin.id, setting.north.id)


async def test_a_second_link_of_either_side_is_refused_by_name(house: House, setting: Setting) -> None:
    """AC-07, W-20, W-21."""
    await house.data(LINK, setting.admin, input=setting.link(setting.reed, setting.student))
    for given in (
        setting.link(setting.reed, setting.other),
        setting.link(setting.hall, setting.student),
        setting.link(setting.reed, setting.student),
    ):
        data = await house.data(LINK, setting.admin, input=given)
        (error,) = data["linkUser"]["errors"]
        assert (error["__typename"], error["other"]["user"]["username"]) == (
            "AlreadyLinkedError",
            setting.reed.username,
        )
    assert await ProviderLink.filter(unlinked_at=None).count() == 1


async def test_the_other_side_out_of_scope_is_not_named(house: House, setting: Setting) -> None:
    elsewhere = await factories.user(facility=await factories.facility())
    await factories.link(provider=setting.canvas, user=elsewhere, external_user_id=str(setting.student.id))
    data = await house.data(LINK, setting.admin, input=setting.link(setting.reed, setting.student))
    (error,) = data["linkUser"]["errors"]
    assert (error["__typename"], error["other"]) == ("AlreadyLinkedError", None)


async def test_only_students_are_linked_on_either_side(house: House, setting: Setting) -> None:
    """D-10, AC-09."""
    assert await typenames(house, setting, setting.link(setting.reed, setting.teacher)) == ["NotAStudentError"]
    assert await typenames(house, setting, setting.link(setting.reed, setting.stranger)) == ["NotAStudentError"]
    officer = await factories.user(role=Role.FACILITY_ADMIN, facility=setting.north)
    assert await typenames(house, setting, setting.link(officer, setting.student)) == ["NotAStudentError"]


async def test_what_is_out_of_scope_does_not_exist(house: House, setting: Setting) -> None:
    """W-32."""
    elsewhere = await factories.user(facility=await factories.facility())
    assert await typenames(house, setting, setting.link(elsewhere, setting.student)) == ["NotFoundError"]
    assert await typenames(house, setting, setting.link(setting.reed, "987654321")) == ["NotFoundError"]
    assert await typenames(house, setting, setting.link(setting.reed, "../1")) == ["NotFoundError"]
    assert await typenames(house, setting, setting.link(setting.reed, setting.student), setting.reed) == [
        "NotAllowedError"
    ]
    assert await ProviderLink.all().count() == 0


async def test_canvas_away_is_said_and_nothing_is_written(house: House, setting: Setting) -> None:
    house.hosts.apps.clear()
    assert await typenames(house, setting, setting.link(setting.reed, setting.student)) == ["UpstreamUnavailableError"]
    assert await ProviderLink.all().count() == 0


async def test_unlink_ends_the_link_once_and_relink_counts_once(house: House, setting: Setting) -> None:
    """AC-10."""
    first = await house.data(LINK, setting.admin, input=setting.link(setting.reed, setting.student))
    link_id = first["linkUser"]["link"]["id"]
    data = await house.data(UNLINK, setting.admin, input={"linkId": link_id})
    assert data["unlinkUser"]["link"]["unlinkedAt"] == house.clock().isoformat()
    assert (await house.data(COUNT, setting.admin))["classes"]["nodes"] == [{"enrolledCount": 0}]
    again = await house.data(UNLINK, setting.admin, input={"linkId": link_id})
    assert [error["__typename"] for error in again["unlinkUser"]["errors"]] == ["ConflictError"]
    await house.data(LINK, setting.admin, input=setting.link(setting.reed, setting.student))
    assert (await house.data(COUNT, setting.admin))["classes"]["nodes"] == [{"enrolledCount": 1}]


async def test_a_foreign_link_cannot_be_undone(house: House, setting: Setting) -> None:
    elsewhere = await factories.user(facility=await factories.facility())
    link = await factories.link(provider=setting.canvas, user=elsewhere)
    data = await house.data(UNLINK, setting.admin, input={"linkId": gid(ProviderLinkRef(link.id))})
    assert [error["__typename"] for error in data["unlinkUser"]["errors"]] == ["NotFoundError"]
