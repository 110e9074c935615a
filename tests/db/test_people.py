"""Who is visible to whom."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from db.models import Facility, User
from db.queries.facilities import facilities
from db.queries.links import (
    link_keys,
    linked_user_counts,
    links_by_ids,
    links_of_accounts,
    links_of_users,
    live_links,
)
from db.queries.providers import enabled_providers, oidc_clients, providers, providers_by_ids
from db.queries.users import user_keys, users_by_ids
from domain import rows
from domain.enums import ProviderState, Role
from domain.filters import UserFilter
from domain.scope import SYSTEM, Scope
from tests import factories as make
from tests.factories import NOW


@dataclass
class World:
    north: Facility
    south: Facility
    admin: Scope
    student: Scope
    ada: User
    bob: User


@pytest.fixture
async def world(database: str) -> World:
    north, south = await make.facility(name="North"), await make.facility(name="South")
    ada = await make.user(username="ada", first_name="Ada", last_name="Lovelace", facility=north, doc_id="D1")
    bob = await make.user(username="bob", first_name="Bob", last_name="Éluard", facility=south)
    boss = await make.user(role=Role.FACILITY_ADMIN, facility=north, last_name="Admin")
    admin = Scope(Role.FACILITY_ADMIN, boss.id, north.id)
    return World(north, south, admin, Scope(Role.STUDENT, ada.id, north.id), ada, bob)


async def ids(scope: Scope, **narrowed: object) -> list[int]:
    return [key[1] for key in await user_keys(scope, UserFilter(**narrowed))]  # type: ignore[arg-type]


async def test_a_facility_admin_sees_the_people_of_the_own_facility(world: World) -> None:
    assert await ids(world.admin) == [world.ada.id, world.admin.user_id]
    assert await users_by_ids(world.admin, [world.bob.id]) == []
    [ada] = await users_by_ids(world.admin, [world.ada.id])
    assert (ada.full_name, ada.role, ada.facility_id) == ("Ada Lovelace", Role.STUDENT, world.north.id)


async def test_a_student_sees_themselves_and_their_facility(world: World) -> None:
    assert await ids(world.student) == [world.ada.id]
    assert [row.name for row in await facilities(world.student)] == ["North"]


async def test_an_admin_without_a_facility_sees_only_themselves(world: World) -> None:
    lost = Scope(Role.FACILITY_ADMIN, world.admin.user_id, None)
    nobody = await make.user(last_name="Nowhere")
    assert nobody.id not in await ids(lost)
    assert await ids(lost) == [world.admin.user_id]
    assert await facilities(lost) == []


async def test_a_department_admin_sees_everybody_in_the_order_of_names(world: World) -> None:
    everybody = Scope(Role.DEPARTMENT_ADMIN, 999, world.north.id)
    assert await ids(everybody) == [world.ada.id, world.bob.id, world.admin.user_id]
    assert await ids(everybody, facility_id=world.south.id) == [world.bob.id]
    assert [row.name for row in await facilities(everybody)] == ["North", "South"]


async def test_a_transfer_moves_a_person_out_of_sight_at_once(world: World) -> None:
    await User.filter(id=world.ada.id).update(facility_id=world.south.id)
    assert await users_by_ids(world.admin, [world.ada.id]) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lovelace ada", True),
        ("ADA LOVE", True),
        ("d1", True),
        ("ada bob", False),
        ("lové", True),
        ("%", False),
        ("_", False),
        (" ", True),
    ],
)
async def test_every_word_of_a_search_has_to_be_found(world: World, search: str, found: bool) -> None:
    assert (world.ada.id in await ids(SYSTEM, search=search)) is found


async def test_people_are_narrowed_by_role_and_by_their_links(world: World) -> None:
    link = await make.link(user=world.ada)
    await make.link(user=world.bob, provider_id=link.provider_id, unlinked_at=NOW)
    assert await ids(SYSTEM, role=Role.STUDENT, linked_to=link.provider_id) == [world.ada.id]
    assert await ids(SYSTEM, role=Role.STUDENT, not_linked_to=link.provider_id) == [world.bob.id]
    assert await ids(SYSTEM, role=Role.FACILITY_ADMIN) == [world.admin.user_id]


async def test_people_who_were_deactivated_are_listed_only_when_asked_for(world: World) -> None:
    await User.filter(id=world.bob.id).update(deactivated_at=NOW)
    assert world.bob.id not in await ids(SYSTEM)
    assert await ids(SYSTEM, active=False) == [world.bob.id]
    assert len(await ids(SYSTEM, active=None)) == 3
    assert [row.deactivated_at for row in await users_by_ids(SYSTEM, [world.bob.id])] == [NOW]


async def test_only_live_links_of_active_students_count(world: World) -> None:
    # AC-14
    provider = await make.provider()
    await make.link(user=world.ada, provider=provider, external_user_id="1")
    await make.link(user=world.bob, provider=provider, external_user_id="2", unlinked_at=NOW)
    await make.link(user=await make.user(deactivated_at=NOW), provider=provider, external_user_id="3")
    await make.link(user_id=world.admin.user_id, provider=provider, external_user_id="4")
    await make.link(user=world.ada, external_user_id="5")
    assert await live_links([provider.id]) == [rows.LiveLink(provider.id, "1", world.ada.id, world.north.id)]
    assert await live_links([]) == []
    (row,) = await providers_by_ids(SYSTEM, [provider.id])
    assert await linked_user_counts(SYSTEM, [row]) == {provider.id: 1}
    assert [key for key, _ in await link_keys(SYSTEM, row)] == [world.ada.sort_key]


async def test_links_follow_their_person_out_of_scope(world: World) -> None:
    mine, other = await make.link(user=world.ada), await make.link(user=world.bob)
    both = [mine.id, other.id]
    assert [row.id for row in await links_by_ids(world.admin, both)] == [mine.id]
    assert [row.id for row in await links_of_users(world.admin, [world.ada.id, world.bob.id])] == [mine.id]
    accounts = await links_of_accounts(world.admin, other.provider_id, [other.external_user_id])
    assert accounts == []
    found = await providers_by_ids(SYSTEM, [mine.provider_id, other.provider_id])
    assert await linked_user_counts(world.admin, found) == {mine.provider_id: 1}
    assert len(await links_by_ids(SYSTEM, both)) == 2


async def test_a_provider_exists_only_where_it_is_on(world: World) -> None:
    everywhere = await make.provider(name="Anywhere")
    limited = await make.provider(name="Limited", facility_limited=True)
    unused = await make.provider(name="Unused", facility_limited=True)
    await make.provider_facility(provider=limited, facility=world.south)
    link = await make.link(user=world.ada, provider=limited)
    assert [row.id for row in await enabled_providers(world.admin)] == [everywhere.id]
    assert await providers_by_ids(world.student, [limited.id, unused.id]) == []
    assert await links_by_ids(world.admin, [link.id]) == []
    assert [(row.name, row.facility_ids) for row in await enabled_providers(SYSTEM)] == [
        ("Anywhere", None),
        ("Limited", (world.south.id,)),
        ("Unused", ()),
    ]


async def test_providers_are_listed_by_state_and_name(world: World) -> None:
    # P-01
    names = [("c", "ARCHIVED"), ("d", "ENABLED"), ("b", "DISABLED"), ("a", "ENABLED")]
    for name, state in names:
        await make.provider(name=name, state=ProviderState(state))
    assert [row.name for row in await providers(SYSTEM, list(ProviderState))] == ["a", "d", "b", "c"]
    assert [row.name for row in await providers(SYSTEM, [ProviderState.DISABLED])] == ["b"]


async def test_a_provider_row_has_no_key(world: World) -> None:
    provider = await make.provider(sealed_access_key="sealed", access_key_fingerprint="ab12")
    [row] = await providers_by_ids(SYSTEM, [provider.id])
    assert row.has_access_key
    assert "sealed" not in repr(row)


async def test_the_oidc_client_is_the_registration_in_use(world: World) -> None:
    old = await make.oidc_registration(client_id="old", replaced_at=NOW)
    await make.oidc_registration(client_id="new", provider_id=old.provider_id, scopes=["openid"])
    found = await oidc_clients([old.provider_id])
    assert [(row.client_id, row.scopes) for row in found.values()] == [("new", ("openid",))]
