"""Who may do what to what: every mutation, for every role, about both sides of the wall.

W-32, W-33 and design.md, "Who may do what". A mutation without a row fails: add one to `MUTATIONS`.
"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_named_type

from db.models import User
from domain.enums import Role
from tests.acceptance.estate import SIDES, Estate, build
from tests.acceptance.everything import SDL, selection
from tests.acceptance.mutations import MUTATIONS
from tests.support.house import House
from tests.support.mutations import ask, stored

OUTPUTS = (
    {name: get_named_type(field.type) for name, field in SDL.mutation_type.fields.items()} if SDL.mutation_type else {}
)
REFUSED = {"NotFoundError", "NotAllowedError"}
OPEN_TO_EVERY_ADMIN = {
    "createFacility",
    "createProvider",
    "recreateOidcClient",
    "syncTeams",
    "planGroupMemberships",
    "importUsers",
}
"""They name no object of either side: there is no other side to be refused. What they reach is limited inside (D-06a)."""
INCOMPLETE = {"recreateOidcClient", "importUsers"}
"""Their row is enough to be refused, and too little to be done."""


@pytest.fixture
async def estate(house: House) -> Estate:
    return await build(house)


def test_every_mutation_has_a_row() -> None:
    assert SDL.mutation_type is not None
    assert SDL.mutation_type.fields.keys() - MUTATIONS.keys() == set(), "mutations that no row of MUTATIONS is about"
    assert MUTATIONS.keys() - SDL.mutation_type.fields.keys() == set(), "rows about mutations that are gone"


async def codes(house: House, viewer: User | None, name: str, given: dict[str, object]) -> list[str]:
    return (await ask(house, viewer, name, "__typename", **given)).codes


def subjects(name: str) -> str:
    """Everything of the payload but its errors, two types deep."""
    return selection(OUTPUTS[name], 1, skip=lambda _, field: field in ("errors", "edges"))


async def written() -> dict[str, Any]:
    """All rows but what was read from Canvas meanwhile."""
    return {model: rows for model, rows in (await stored()).items() if model != "Fact"}


def refused_viewers(name: str) -> list[tuple[str, str]]:
    """(viewer, side) for all who may not."""
    least = MUTATIONS[name].least
    found = [("stranger", side) for side in SIDES] + [("student", "south")]
    if least is not Role.STUDENT:
        found.append(("student", "north"))
    found += [("officer", "south"), ("foreigner", "north")] if name not in OPEN_TO_EVERY_ADMIN else []
    if least.rank > Role.FACILITY_ADMIN.rank:
        found += [("officer", "north"), ("foreigner", "south")]
    if least is Role.SYSTEM_ADMIN:
        found += [("department", side) for side in SIDES]
    return list(dict.fromkeys(found))


async def test_those_who_may_not_are_refused_and_nothing_is_written(house: House, estate: Estate) -> None:
    before = await written()
    wrong = {}
    for name, asked in MUTATIONS.items():
        for viewer, side in refused_viewers(name):
            found = await codes(house, estate.viewers[viewer], name, asked.given(estate, side))
            if not found or set(found) - REFUSED:
                wrong[name, viewer, side] = found
    assert wrong == {}
    assert await written() == before


async def test_nobody_is_told_to_sign_in_and_nothing_is_written(house: House, estate: Estate) -> None:
    before = await stored()
    for name, asked in MUTATIONS.items():
        kind = name[0].upper() + name[1:]
        document = f"mutation M($input: {kind}Input!) {{ {name}(input: $input) {{ __typename }} }}"
        result = await house.run(document, None, input=asked.given(estate, "north"))
        assert result.data == {name: None}, name
        assert [error.extensions["code"] for error in result.errors or []] == ["UNAUTHENTICATED"], name
    assert await stored() == before
    assert house.calls(estate.canvas) == []


@pytest.mark.parametrize("name", MUTATIONS)
async def test_those_who_may_are_not_refused(house: House, estate: Estate, name: str) -> None:
    """The same question by the least role that may, about its own side: so that a refusal above is one for the scope."""
    asked = MUTATIONS[name]
    viewer = {
        Role.STUDENT: "student",
        Role.FACILITY_ADMIN: "officer",
        Role.DEPARTMENT_ADMIN: "department",
        Role.SYSTEM_ADMIN: "system",
    }[asked.least]
    reply = await ask(house, estate.viewers[viewer], name, subjects(name), **asked.given(estate, "north"))
    found = reply.codes
    assert set(found) & (REFUSED if name in INCOMPLETE else REFUSED | {"InvalidInputError"}) == set()
