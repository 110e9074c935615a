"""A Canvas that is somebody's trap: packed answers, lists without end, ids that are none, names without end."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

from canvas.course_groups import list_many_course_groups
from canvas.courses import list_courses
from canvas.payloads import web_address
from canvas.rosters import list_rosters
from canvas.users import list_users
from canvas.web import WebError
from domain.errors import UpstreamUnreadable
from domain.facts import CourseGroups
from tests.canvas.fake import ORIGIN, FakeCanvas, answers, ok

NO_IDS: list[Any] = [
    "",
    "../..",
    "1/2",
    "9" * 65,
    "9" * 5000,
    "\0",
    " 7",
    "7\n",
    -1,
    10**30,
    1.5,
    True,
    None,
    [],
    {},
    [[7]],
]


def packed(content: bytes, times: int) -> httpx.Response:
    for _ in range(times):
        content = gzip.compress(content)
    return httpx.Response(200, headers={"content-encoding": ", ".join(["gzip"] * times)}, content=content)


async def test_an_answer_is_unpacked_once_and_no_more() -> None:
    """A few kilobytes that are packed twice can be gigabytes: they are refused before the first of them."""
    assert await FakeCanvas(lambda _: packed(b'{"id":1}', 1)).canvas().get("a") == {"id": 1}
    bomb = FakeCanvas(lambda _: packed(b"[" + b" " * 100_000_000 + b"]", 2))
    with pytest.raises(UpstreamUnreadable):
        await bomb.canvas().get("a")
    with pytest.raises(WebError, match="too long"):
        await bomb.pool().web.ask("GET", ORIGIN)


@pytest.mark.parametrize("link", ["page={}", "page=bookmark{}"])
async def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    monkeypatch.setattr("canvas.client.MOST_PAGES", 20)

    def handler(request: httpx.Request) -> httpx.Response:
        number = len(fake.requests) + 1 if "bookmark" in link else int(request.url.params.get("page", "1")) + 1
        return ok([], link=f'<{ORIGIN}/api/v1/l?{link.format(number)}>; rel="next"')

    fake = FakeCanvas(handler)
    read = fake.canvas().get_pages
    with pytest.raises(UpstreamUnreadable):
        await read("l", {})
    assert 20 <= len(fake.requests) <= 25


async def test_a_list_that_fills_the_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas.client.LARGEST_LIST", 10_000)
    fake = FakeCanvas(lambda _: ok(["x" * 3_000], link=f'<{ORIGIN}/api/v1/l?page=b{len(fake.requests)}>; rel="next"'))
    with pytest.raises(UpstreamUnreadable):
        await fake.canvas().get_all("l", {})
    assert len(fake.requests) == 4


async def test_cursors_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("canvas.rosters", "canvas.group_gathering"):
        monkeypatch.setattr(f"{module}.MOST_PAGES", 10)

    def handler(_: httpx.Request) -> httpx.Response:
        page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": f"c{len(fake.requests)}"}}
        course = {
            "_id": "1",
            "students": page,
            "staff": {"nodes": []},
            "groupSets": [{"_id": "2", "groupsConnection": page}],
        }
        return ok({"data": {"courses": [course], "p0": {"enrollmentsConnection": page, "groupsConnection": page}}})

    fake = FakeCanvas(handler)
    for found in (await list_rosters(fake.canvas(), ["1"]), await list_many_course_groups(fake.canvas(), ["1"])):
        assert isinstance(found["1"], UpstreamUnreadable)
    assert len(fake.requests) <= 22


async def test_an_id_that_is_none_costs_its_row() -> None:
    rows = [{"id": id, "name": "Odd", "workflow_state": "available"} for id in [*NO_IDS, "8", 7]]
    fake = FakeCanvas(answers(ok(rows)))
    assert [course.id for course in await list_courses(fake.canvas())] == ["7", "8"]
    assert [person.id for person in await list_users(fake.canvas())] == ["7", "8"]


async def test_an_odd_group_costs_itself() -> None:
    groups = [{"_id": id, "name": "Odd", "membersConnection": {"nodes": []}} for id in [*NO_IDS, "8"]]
    sets = [{"_id": id, "selfSignup": [], "groupsConnection": {"nodes": groups}} for id in [*NO_IDS, 7]]
    fake = FakeCanvas(answers(ok({"data": {"courses": [{"_id": "1", "groupSets": sets}]}})))
    found = (await list_many_course_groups(fake.canvas(), ["1"]))["1"]
    assert isinstance(found, CourseGroups)
    assert [(one.id, [group.id for group in one.groups]) for one in found.sets] == [("7", ["8"])]


async def test_a_name_without_end_is_cut() -> None:
    """To what Canvas lets a name be: it is compared with every name of ours, and kept beside the link."""
    fake = FakeCanvas(answers(ok([{"id": 1, "name": "n" * 100_000, "sis_user_id": "any / spelling"}])))
    (person,) = await list_users(fake.canvas())
    assert (person.name, person.sis_user_id) == ("n" * 255, "any / spelling")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a\r\nBEGIN:VEVENT", "https://a/\nX", "https://a b", 'https://a"', "data:,", "//a"],
)
def test_what_is_no_web_address_in_one_line_is_none(url: str) -> None:
    """One with a line break in it would end every calendar feed that it stands in."""
    assert web_address(url) is None
    assert web_address(" https://canvas.example/calendar?event_id=1 ") == "https://canvas.example/calendar?event_id=1"
