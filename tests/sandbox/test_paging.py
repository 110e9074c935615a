"""Pages: the clamp, both kinds of page, the order of links and the 6 KB rule."""

from __future__ import annotations

import httpx
import pytest

from sandbox.app import Sandbox
from sandbox.world import World

USERS = "/api/v1/courses/4821/users"
ROSTER = "/api/v1/courses/4821/enrollments"


@pytest.fixture
def crowd(world: World) -> World:
    for n in range(120):
        user = world.add_user(f"Extra {n:03}", id=1000 + n)
        world.enrol(4821, user.id)
    return world


@pytest.mark.parametrize(
    ("asked", "rows"), [("", 10), ("per_page=1000", 100), ("per_page=0", 1), ("per_page=-3", 1), ("per_page=abc", 1)]
)
async def test_page_size_is_clamped_silently(client: httpx.AsyncClient, crowd: World, asked: str, rows: int) -> None:
    assert len((await client.get(f"{USERS}?{asked}")).json()) == rows


async def test_links_stand_in_canvas_order_and_keep_the_parameters(client: httpx.AsyncClient, crowd: World) -> None:
    answer = await client.get("/api/v1/users/91/courses?include[]=term&per_page=1&access_token=sandbox-token")

    assert answer.headers["Link"] == ",".join(
        f'<https://canvas.test/api/v1/users/91/courses?include%5B%5D=term&page=1&per_page=1>; rel="{rel}"'
        for rel in ("current", "first", "last")
    )


async def test_ordinal_pages_end_in_an_empty_one(client: httpx.AsyncClient, crowd: World) -> None:
    second = await client.get(f"{USERS}?per_page=100&page=2")
    beyond = await client.get(f"{USERS}?per_page=100&page=9")
    rubbish = await client.get(f"{USERS}?page=bookmark:x")

    assert (len(second.json()), sorted(second.links)) == (26, ["current", "first", "prev"])
    assert (beyond.status_code, beyond.json()) == (200, [])
    assert rubbish.status_code == 404


async def test_bookmark_pages_are_followed_and_never_counted(client: httpx.AsyncClient, crowd: World) -> None:
    first = await client.get(f"{ROSTER}?per_page=100")
    second = await client.get(first.links["next"]["url"])
    numbered = await client.get(f"{ROSTER}?page=2")

    assert sorted(first.links) == ["current", "first", "next"]
    assert "page=bookmark%3A" in first.links["next"]["url"]
    assert sorted(second.links) == ["current", "first"]
    ids = [row["id"] for row in first.json() + second.json()]
    assert (len(ids), len(set(ids))) == (127, 127)
    assert numbered.status_code == 400
    assert numbered.json()["errors"][0]["page"].startswith("Invalid page; please restart iteration")


@pytest.mark.parametrize(
    ("path", "has_last"),
    [
        ("/api/v1/accounts/1/courses", False),
        ("/api/v1/accounts/1/users", False),
        (USERS, False),
        ("/api/v1/users/91/courses", True),
        ("/api/v1/calendar_events?all_events=1", True),
        ("/api/v1/courses/4821/groups", True),
    ],
)
async def test_only_some_lists_name_a_last_page(client: httpx.AsyncClient, path: str, has_last: bool) -> None:
    assert ("last" in (await client.get(path)).links) is has_last


@pytest.mark.parametrize(
    ("padding", "rels"), [(10, ["current", "first", "next"]), (2500, ["current", "next"]), (6200, [])]
)
async def test_links_over_six_kilobytes_are_left_out(
    client: httpx.AsyncClient, crowd: World, padding: int, rels: list[str]
) -> None:
    answer = await client.get(f"{USERS}?x={'x' * padding}")

    assert (answer.status_code, sorted(answer.links)) == (200, rels)


async def test_links_can_name_another_host(client: httpx.AsyncClient, app: Sandbox, crowd: World) -> None:
    app.state.behaviour.link_base = "http://inner:3000"

    answer = await client.get(USERS)

    assert answer.links["next"]["url"].startswith("http://inner:3000/api/v1/courses/4821/users?")


async def test_a_page_may_be_short_although_more_follow(client: httpx.AsyncClient, crowd: World) -> None:
    test = crowd.add_user("Test Student", id=3, sortable_name="!, Test")
    crowd.enrol(4821, test.id, type="StudentViewEnrollment")

    hidden = await client.get(f"{USERS}?per_page=10")
    shown = await client.get(f"{USERS}?per_page=10&include[]=test_student")

    assert (len(hidden.json()), len(shown.json())) == (9, 10)
    assert "next" in hidden.links
