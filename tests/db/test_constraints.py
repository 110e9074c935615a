from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest
from tortoise.exceptions import IntegrityError

from db.models import Facility, ProviderLink
from db.transactions import violated
from domain.enums import EnrollmentStatus
from tests import factories as make
from tests.factories import NOW


async def refused(row: Awaitable[object], index: str) -> bool:
    with pytest.raises(IntegrityError) as caught:
        await row
    return violated(caught.value, index)


async def test_a_person_has_one_live_link_per_provider(database: str) -> None:
    # W-20
    link = await make.link()
    again = make.link(user_id=link.user_id, provider_id=link.provider_id)
    assert await refused(again, "provider_link_live_user")
    assert await ProviderLink.all().count() == 1


async def test_a_canvas_user_has_one_live_link_per_provider(database: str) -> None:
    # W-20
    link = await make.link(external_user_id="7")
    again = make.link(provider_id=link.provider_id, external_user_id="7")
    assert await refused(again, "provider_link_live_external")
    assert await ProviderLink.all().count() == 1


async def test_a_link_that_was_undone_stands_in_nobodys_way(database: str) -> None:
    # AC-10
    link = await make.link(external_user_id="7", unlinked_at=NOW)
    same = {"user_id": link.user_id, "provider_id": link.provider_id, "external_user_id": "7"}
    await make.link(**same, unlinked_at=NOW)
    await make.link(**same)
    assert await ProviderLink.filter(unlinked_at=None).count() == 1


async def test_two_canvases_may_know_the_same_number_and_the_same_person(database: str) -> None:
    link = await make.link(external_user_id="7")
    await make.link(user_id=link.user_id, external_user_id="7")
    assert await ProviderLink.all().count() == 2


async def test_of_two_links_made_at_once_one_is_refused(database: str) -> None:
    # W-20
    provider, user = await make.provider(), await make.user()
    made = await asyncio.gather(*(make.link(provider=provider, user=user) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(row, ProviderLink) for row in made) == 1
    assert sum(isinstance(row, IntegrityError) for row in made) == 4


async def test_a_person_is_enrolled_once_in_a_class_and_may_come_back(database: str) -> None:
    first = await make.enrollment()
    same = {"school_class_id": first.school_class_id, "user_id": first.user_id}
    assert await refused(make.enrollment(**same), "enrollment_live")
    await type(first).filter(id=first.id).update(status=EnrollmentStatus.WITHDRAWN)
    again = await make.enrollment(**same)
    assert again.id != first.id


async def test_names_are_compared_folded(database: str) -> None:
    await make.facility(name="École")
    assert await refused(make.facility(name="ecole"), "facility_name")


async def test_an_archived_program_gives_its_name_free(database: str) -> None:
    await make.program(name="Welding", archived_at=NOW)
    await make.program(name="Welding")
    assert await refused(make.program(name="welding"), "program_live_name")


async def test_user_names_are_compared_without_case(database: str) -> None:
    await make.user(username="ada")
    assert await refused(make.user(username="ADA"), "user_username")


async def test_document_ids_are_unique_where_there_is_one(database: str) -> None:
    await make.user(doc_id="D1")
    await make.user()
    await make.user()
    assert await refused(make.user(doc_id="D1"), "user_doc_id")


async def test_a_provider_has_one_oidc_registration_in_use(database: str) -> None:
    first = await make.oidc_registration()
    assert await refused(make.oidc_registration(provider_id=first.provider_id), "oidc_registration_live")
    await type(first).filter(id=first.id).update(replaced_at=NOW)
    await make.oidc_registration(provider_id=first.provider_id)


@pytest.mark.parametrize(
    ("factory", "index"),
    [
        (make.provider_facility, "provider_facility_once"),
        (make.program_facility, "program_facility_once"),
    ],
)
async def test_a_pair_stands_once(database: str, factory: make.Factory[object], index: str) -> None:
    row = await factory()
    ids = {name: getattr(row, name) for name in ("provider_id", "program_id", "facility_id") if hasattr(row, name)}
    assert await refused(factory(**ids), index)


async def test_an_idempotency_key_belongs_to_one_actor(database: str) -> None:
    await make.idempotency_record(actor_id=1, key="k")
    await make.idempotency_record(actor_id=2, key="k")
    assert await refused(make.idempotency_record(actor_id=1, key="k"), "idempotency_key")


async def test_a_violation_is_told_from_others(database: str) -> None:
    link = await make.link(external_user_id="7")
    again = make.link(provider_id=link.provider_id, external_user_id="7")
    assert not await refused(again, "provider_link_live_user")
    with pytest.raises(ValueError, match="no_such_index"):
        violated(IntegrityError("x"), "no_such_index")


async def test_what_is_referred_to_cannot_be_deleted(database: str) -> None:
    facility = await make.facility()
    await make.user(facility=facility)
    assert not await refused(facility.delete(), "facility_name")
    assert await Facility.all().count() == 1
