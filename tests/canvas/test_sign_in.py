from __future__ import annotations

import pytest

from canvas.analytics import list_student_summaries
from canvas.authentication_providers import (
    OpenIdConnect,
    create_authentication_provider,
    delete_authentication_provider,
    list_authentication_providers,
)
from canvas.logins import create_login, delete_login, list_logins, update_login
from canvas.users import NewUser, create_user, search_users, show_user
from domain import facts
from domain.errors import UpstreamMissing, UpstreamRejected
from tests.canvas.conftest import Stand
from tests.canvas.fake import FakeCanvas, answers, ok

ISSUER = OpenIdConnect(
    client_id="homeroom",
    client_secret="hush-hush-secret",
    authorize_url="https://id.example/authorize",
    token_url="https://id.example/token",
    login_attribute="preferred_username",
)


async def test_a_login_provider_is_registered_found_and_removed(small: Stand) -> None:
    made = await create_authentication_provider(small.canvas, ISSUER)
    assert (made.auth_type, made.client_id, made.login_attribute) == (
        "openid_connect",
        "homeroom",
        "preferred_username",
    )
    assert made in await list_authentication_providers(small.canvas)
    await delete_authentication_provider(small.canvas, made.id)
    assert made not in await list_authentication_providers(small.canvas)
    assert "hush" not in repr(ISSUER)


async def test_logins_are_made_moved_and_taken_away(small: Stand) -> None:
    provider = await create_authentication_provider(small.canvas, ISSUER)
    made = await create_login(small.canvas, "91", "reed1.sso")
    assert (made.user_id, made.unique_id, made.provider_id) == ("91", "reed1.sso", None)
    moved = await update_login(small.canvas, made.id, provider.id)
    assert moved.provider_id == provider.id
    assert moved in await list_logins(small.canvas, "91")
    await delete_login(small.canvas, "91", made.id)
    assert [login.unique_id for login in await list_logins(small.canvas, "91")] == ["reed1"]


async def test_a_login_that_is_taken_says_so(small: Stand) -> None:
    with pytest.raises(UpstreamRejected) as refused:
        await create_login(small.canvas, "92", "reed1")
    assert (refused.value.fields, refused.value.types) == (("unique_id",), ("taken",))
    with pytest.raises(UpstreamMissing):
        await create_login(small.canvas, "92", "new", provider_id="4242")


async def test_an_account_is_made_and_found(small: Stand) -> None:
    new = NewUser("Ana Núñez", "Núñez, Ana", "ana.nunez", email="ana@school.example", sis_user_id="D77")
    made = await create_user(small.canvas, new)
    assert (made.name, made.sortable_name, made.login_id) == ("Ana Núñez", "Núñez, Ana", "ana.nunez")
    shown = await show_user(small.canvas, made.id)
    assert isinstance(shown, facts.Person)
    assert (shown.email, shown.sis_user_id) == ("ana@school.example", "D77")
    assert made.id in {person.id for person in await search_users(small.canvas, "ana.nunez")}
    with pytest.raises(UpstreamRejected) as refused:
        await create_user(small.canvas, new)
    assert (refused.value.fields, refused.value.types) == (("unique_id",), ("taken",))


async def test_summaries_of_all_pages_and_none_where_there_are_no_analytics(stand: Stand) -> None:
    course = next(c for c in stand.world.courses.values() if c.name)
    summaries = await list_student_summaries(stand.canvas, str(course.id))
    assert summaries is not None
    assert len(summaries) > 10
    assert all(one.total >= one.on_time + one.late + one.missing for one in summaries)
    stand.behaviour.analytics_installed = False
    assert await list_student_summaries(stand.canvas, str(course.id)) is None


async def test_summaries_survive_null_page_views() -> None:
    payload = [
        {
            "id": 9,
            "page_views": None,
            "participations": 0,
            "tardiness_breakdown": {"total": 4, "missing": 2.0, "late": 1},
        },
        {"id": 10, "tardiness_breakdown": None},
        {"page_views": 3},
    ]
    assert await list_student_summaries(FakeCanvas(answers(ok(payload))).canvas(), "1") == [
        facts.StudentSummary("9", None, 0, 4, 0, 1, 2),
        facts.StudentSummary("10", None, None, 0, 0, 0, 0),
    ]
