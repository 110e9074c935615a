"""A provider that is off for a viewer is not asked anything, whatever the viewer asks (behaviours §1.5, W-36, AC-15).

Everything that there is to ask comes from the schema, by way of the scope matrix's tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from db.models import Provider, User
from domain.enums import ProviderState
from domain.refs import ProviderLinkRef, UserRef
from tests import factories
from tests.acceptance.estate import SIDES, Estate, build
from tests.acceptance.everything import DAYS, SDL, selection
from tests.acceptance.mutations import MUTATIONS
from tests.acceptance.test_scope_nodes import NODES
from tests.acceptance.test_scope_roots import ROOTS, document
from tests.support.house import House, gid
from tests.support.mutations import ask

FOR_THOSE_WHO_SET_IT_UP = {"testProvider", "createProvider", "updateProvider", "recreateOidcClient"}
"""They are about connecting a Canvas, and so about one that is not on yet."""


@pytest.fixture
async def estate(house: House) -> Estate:
    return await build(house)


def queries(estate: Estate) -> Iterator[str]:
    """Every root field about both sides, Canvas's objects by their ids, and everything at once."""
    for name in ROOTS:
        yield from dict.fromkeys(document(estate, name, side) for side in SIDES)
    for (kind, _), id in estate.ids.items():
        inner = selection(SDL.type_map["Node"], 1, DAYS) if "Canvas" in kind or kind == "Provider" else ""
        if inner:
            yield f'{{ node(id: "{id}") {{ {inner} }} }}'
    provider = estate.ids["Provider", "everywhere"]
    yield f'{{ matchReport(providerId: "{provider}") {{ {selection(SDL.type_map["MatchReport"], 2)} }} }}'
    yield f'{{ classes(filter: {{programId: "{estate.ids["CanvasProgram", "everywhere"]}"}}) {{ totalCount }} }}'
    yield f'{{ users(filter: {{linkedTo: "{provider}"}}) {{ totalCount }} }}'


async def everything(house: House, estate: Estate, viewer: User, skip: set[str]) -> None:
    for asked in queries(estate):
        await house.run(asked, viewer)
    await house.run(NODES, viewer, ids=list(estate.ids.values()))
    for name, asked_for in MUTATIONS.items():
        if name not in skip:
            for side in SIDES:
                await ask(house, viewer, name, "__typename", **asked_for.given(estate, side))


async def only_in_the_south(canvas: Provider, estate: Estate) -> None:
    canvas.facility_limited = True
    await canvas.save()
    await factories.provider_facility(provider=canvas, facility=estate.sides["south"].place)


async def test_off_at_their_facility_it_is_asked_nothing_for_its_people(house: House, estate: Estate) -> None:
    await only_in_the_south(estate.canvas, estate)
    for viewer in ("student", "officer"):
        person = estate.viewers[viewer]
        assert person is not None
        await everything(house, estate, person, skip=set())
        assert house.calls(estate.canvas) == [], viewer
        assert house.calls(estate.only) == [], viewer


async def test_where_it_is_on_it_is_asked(house: House, estate: Estate) -> None:
    """So that the silence above is one of the switch."""
    await only_in_the_south(estate.canvas, estate)
    await house.run(document(estate, "classes", "south"), estate.viewers["foreigner"])
    assert house.calls(estate.canvas) != []


async def test_disabled_or_archived_it_is_asked_nothing_by_anybody(house: House, estate: Estate) -> None:
    for canvas, state in ((estate.canvas, ProviderState.DISABLED), (estate.only, ProviderState.ARCHIVED)):
        canvas.state = state
        await canvas.save()
    await everything(house, estate, estate.department, FOR_THOSE_WHO_SET_IT_UP)
    assert house.calls(estate.canvas) == house.calls(estate.only) == []


async def test_off_at_a_facility_it_shows_no_row_and_no_count_of_it(house: House, estate: Estate) -> None:
    """For its own viewers there is nothing; statewide, its people are not in the counts (P-05)."""
    query = """{ programs(filter: {source: CANVAS}) { totalCount sources { state } } classes(filter: {source: CANVAS}) {
        totalCount sources { state } nodes { name enrolledCount roster { totalCount }
        enrollmentsByFacility { facility { name } enrolledCount } } } }"""
    warm = await house.data(query, estate.department)
    shared = next(row for row in warm["classes"]["nodes"] if row["name"] == "Shared")
    assert shared["enrolledCount"] == 2
    await only_in_the_south(estate.canvas, estate)

    officers = await house.data(query, estate.viewers["officer"])
    assert officers["programs"] == {"totalCount": 0, "sources": []}
    assert officers["classes"] == {"totalCount": 0, "sources": [], "nodes": []}
    statewide = await house.data(query, estate.department)
    rows = {row["name"]: row for row in statewide["classes"]["nodes"]}
    assert rows["Shared"] == {
        "name": "Shared",
        "enrolledCount": 1,
        "roster": {"totalCount": 1},
        "enrollmentsByFacility": [{"facility": {"name": "South"}, "enrolledCount": 1}],
    }
    assert rows["North Course"]["enrolledCount"] == 0
    narrowed = query.replace("source: CANVAS", f'source: CANVAS, facilityId: "{estate.ids["Facility", "north"]}"')
    assert (await house.data(narrowed, estate.department))["classes"]["totalCount"] == 0


async def test_off_at_a_facility_its_people_are_in_no_list_and_no_count_of_links(house: House, estate: Estate) -> None:
    """P-05: the link itself stays, and can be undone by its id."""
    provider = estate.ids["Provider", "everywhere"]
    query = f"""{{ providers {{ name linkedUserCount links {{ totalCount nodes {{ user {{ facility {{ name }} }} }} }} }}
        linked: users(filter: {{linkedTo: "{provider}"}}) {{ nodes {{ facility {{ name }} links {{ id }} }} }}
        free: users(filter: {{notLinkedTo: "{provider}"}}) {{ nodes {{ facility {{ name }} }} }}
        everybody: users {{ nodes {{ facility {{ name }} links {{ provider {{ name }} }} }} }} }}"""
    before = next(
        row for row in (await house.data(query, estate.department))["providers"] if row["name"] == "Everywhere"
    )
    assert before["linkedUserCount"] == before["links"]["totalCount"] >= 2
    await only_in_the_south(estate.canvas, estate)

    after = await house.data(query, estate.department)
    row = next(row for row in after["providers"] if row["name"] == "Everywhere")
    places = {node["user"]["facility"]["name"] for node in row["links"]["nodes"]}
    assert (places, row["linkedUserCount"]) == ({"South"}, row["links"]["totalCount"])
    assert 0 < row["linkedUserCount"] < before["linkedUserCount"]
    for name in ("linked", "free"):
        assert {node["facility"]["name"] for node in after[name]["nodes"]} == {"South"}
    shown = {
        node["facility"]["name"]
        for node in after["everybody"]["nodes"]
        for link in node["links"] or ()
        if link["provider"]["name"] == "Everywhere"
    }
    assert shown == {"South"}
    officer = await house.data(query.replace("providers {", "none: providers {"), estate.viewers["officer"])
    assert (officer["none"], officer["linked"]["nodes"], officer["free"]["nodes"]) == ([], [], [])


async def test_off_at_a_facility_nobody_there_is_linked_to_it_again(house: House, estate: Estate) -> None:
    ended = await factories.link(
        provider=estate.canvas,
        user=await factories.user(facility=estate.sides["north"].place),
        external_user_id=estate.free_accounts["north"],
        unlinked_at=house.clock.now,
        undo_until=house.clock.now + timedelta(days=1),
    )
    link = gid(ProviderLinkRef(ended.id))
    await only_in_the_south(estate.canvas, estate)
    nowhere = gid(UserRef((await factories.user(facility=None)).id))
    assert (await ask(house, estate.department, "restoreLink", "link { id }", linkId=link)).codes == ["NotFoundError"]
    given = {"userId": nowhere, "providerId": estate.ids["Provider", "everywhere"]}
    assert (await ask(house, estate.department, "createCanvasAccount", "link { id }", **given)).codes == [
        "NotFoundError"
    ]


async def test_disabled_it_says_so_to_those_who_manage_it(house: House, estate: Estate) -> None:
    estate.canvas.state = ProviderState.DISABLED
    await estate.canvas.save()
    rows = await house.data("{ providers(states: [DISABLED]) { name freshness { state } } }", estate.department)
    assert rows["providers"] == [{"name": "Everywhere", "freshness": {"state": "DISABLED"}}]
    assert (await house.data("{ providers(states: [DISABLED]) { name } }", estate.viewers["officer"]))[
        "providers"
    ] == []
