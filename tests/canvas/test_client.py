from __future__ import annotations

import httpx
import pytest

from domain.errors import UpstreamError, UpstreamMissing, UpstreamUnreadable
from tests.canvas.fake import KEY, ORIGIN, FakeCanvas, answers, ok


def listing(pages: int, a_page: int = 100, header: str = "Link", base: str = ORIGIN) -> FakeCanvas:
    """An ordinal list without `last`, as accounts/:id/courses has it; empty past its end."""

    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        if page > pages:
            return ok([])
        rows = [{"id": str((page - 1) * a_page + n)} for n in range(a_page)]
        if page == pages:
            return ok(rows)
        link = f'<{base}{request.url.path}?page={page + 1}&per_page=100>; rel="next",<{base}/x?page=1>; rel="first"'
        return ok(rows, **{header: link})

    return FakeCanvas(handler)


async def test_a_request_carries_key_agent_and_string_ids() -> None:
    fake = FakeCanvas(answers(ok({"id": "1"})))
    assert await fake.canvas().get("courses/1", {"include[]": ["term", "teachers"]}) == {"id": "1"}
    request = fake.requests[0]
    assert fake.asked == ["GET /api/v1/courses/1?include[]=term&include[]=teachers"]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["user-agent"].startswith("homeroom/")
    assert request.headers["accept"].startswith("application/json+canvas-string-ids")


@pytest.mark.parametrize("header", ["Link", "link", "LINK"])
async def test_pages_are_followed_whatever_the_headers_case(header: str) -> None:
    fake = listing(3, a_page=2, header=header)
    rows = await fake.canvas().get_all("courses/1/enrollments", {"per_page": 100})
    assert [row["id"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert len(fake.requests) == 3


@pytest.mark.parametrize(("pages", "bill"), [(1, 1), (2, 4), (4, 4), (5, 7), (10, 10)])
async def test_ordinal_pages_are_read_side_by_side_for_an_exact_bill(pages: int, bill: int) -> None:
    # 1,000 courses cost 10 pages; never more than two requests go beyond the end.
    fake = listing(pages)
    rows = await fake.canvas().get_pages("accounts/1/courses", {"per_page": 100})
    assert len(rows) == pages * 100
    assert len(fake.requests) == bill
    assert all(request.url.params["per_page"] == "100" for request in fake.requests)


async def test_bookmark_pages_are_never_guessed() -> None:
    link = f'<{ORIGIN}/api/v1/l?page=bookmark:abc>; rel="next"'
    fake = FakeCanvas(answers(ok([{"id": "1"}], Link=link), ok([{"id": "2"}])))
    assert await fake.canvas().get_pages("l", {"per_page": 100}) == [{"id": "1"}, {"id": "2"}]
    assert len(fake.requests) == 2


async def test_rows_that_shift_between_pages_are_kept_once() -> None:
    link = f'<{ORIGIN}/api/v1/l?page=2>; rel="next"'
    fake = FakeCanvas(answers(ok([{"id": "1"}, {"id": "2"}], Link=link), ok([{"id": "2"}, {"x": 1}, {"x": 1}])))
    assert await fake.canvas().get_all("l", {}) == [{"id": "1"}, {"id": "2"}, {"x": 1}, {"x": 1}]


async def test_a_next_link_on_another_host_is_taken_from_ours() -> None:
    fake = listing(2, a_page=1, base="http://internal-canvas:3000")
    assert len(await fake.canvas().get_all("courses/1/groups", {})) == 2
    assert {request.url.host for request in fake.requests} == {"canvas.example"}
    assert {request.url.scheme for request in fake.requests} == {"https"}


@pytest.mark.parametrize("link", ["https://evil.example/collect?page=2", "//evil.example/collect", "https://[/"])
async def test_a_next_link_elsewhere_gets_neither_request_nor_key(link: str) -> None:
    fake = FakeCanvas(answers(ok([{"id": "1"}], Link=f'<{link}>; rel="next"')))
    with pytest.raises(UpstreamUnreadable):
        await fake.canvas().get_all("courses/1/groups", {})
    assert len(fake.requests) == 1


async def test_next_links_in_a_circle_end() -> None:
    link = f'<{ORIGIN}/api/v1/l?page=2>; rel="next"'
    fake = FakeCanvas(answers(ok([{"id": "1"}], Link=link)))
    with pytest.raises(UpstreamUnreadable):
        await fake.canvas().get_all("l", {})
    assert len(fake.requests) == 2


@pytest.mark.parametrize("course_id", ["..", "1/../2", "1?x=1", "", "1/users", "a.b", "1#", "1%2f2"])
async def test_an_id_that_is_none_is_never_sent(course_id: str) -> None:
    fake = FakeCanvas(answers(ok({})))
    canvas = fake.canvas()
    with pytest.raises(UpstreamMissing):
        await canvas.get(canvas.path("courses/{}", course_id))
    assert fake.requests == []


async def test_writes_send_forms_json_and_tables() -> None:
    fake = FakeCanvas(answers(ok({"ok": True})))
    canvas = fake.canvas()
    await canvas.post("groups/1/memberships", {"user_id": "9", "members[]": ["1", "2"]})
    await canvas.put("groups/1", json={"members": []})
    await canvas.post_csv("group_categories/1/import", "a,b\n1,2\n")
    assert await canvas.delete("groups/1/memberships/2") == {"ok": True}
    assert fake.requests[0].content == b"user_id=9&members%5B%5D=1&members%5B%5D=2"
    assert fake.requests[1].content == b'{"members":[]}'
    assert (fake.requests[2].headers["content-type"], fake.requests[2].content) == ("text/csv", b"a,b\n1,2\n")


async def test_cookies_are_neither_kept_nor_sent() -> None:
    fake = FakeCanvas(answers(ok({}, Set_Cookie="canvas_session=abc; path=/")))
    canvas = fake.canvas()
    await canvas.get("a")
    await canvas.get("b")
    assert "cookie" not in fake.requests[1].headers


async def test_redirects_are_not_followed() -> None:
    fake = FakeCanvas(answers(httpx.Response(302, headers={"Location": "https://evil.example/"})))
    with pytest.raises(UpstreamUnreadable):
        await fake.canvas().get("courses/1")
    assert len(fake.requests) == 1


async def test_each_call_is_told_once_with_its_cost() -> None:
    fake = FakeCanvas(answers(httpx.Response(500), ok({"data": {"a": 1}}, X_Request_Cost="2.5")))
    await fake.canvas().graphql("query { a }")
    assert [(c.provider, c.kind, c.method, c.status, c.cost) for c in fake.calls] == [
        (7, "graphql", "POST", 500, None),
        (7, "graphql", "POST", 200, 2.5),
    ]


async def test_guarded_json_and_empty_bodies_are_read() -> None:
    fake = FakeCanvas(answers(httpx.Response(200, content=b'while(1);{"id":1}'), httpx.Response(204)))
    canvas = fake.canvas()
    assert await canvas.get("a") == {"id": 1}
    assert await canvas.get("b") is None


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas.sender.LARGEST_BODY", 1000)
    fake = FakeCanvas(answers(httpx.Response(200, content=b"[" + b"1," * 1000 + b"1]")))
    with pytest.raises(UpstreamUnreadable):
        await fake.canvas().get("a")


async def test_ids_beyond_2_to_the_53_stay_exact() -> None:
    fake = FakeCanvas(answers(httpx.Response(200, content=b'[{"id":74140000000062630},{"id":9007199254740993}]')))
    rows = await fake.canvas().get_all("l", {})
    assert [row["id"] for row in rows] == [74140000000062630, 9007199254740993]


async def test_one_failing_page_fails_the_list_and_stops_the_others() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        page = request.url.params.get("page", "1")
        if page == "3":
            return httpx.Response(404, json={})
        return ok([{"id": page}], Link=f'<{ORIGIN}/api/v1/l?page={int(page) + 1}>; rel="next"')

    with pytest.raises(UpstreamError):
        await FakeCanvas(handler).canvas().get_pages("l", {})
