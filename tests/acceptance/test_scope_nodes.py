"""Who sees which object by its id: every role, every type, own, foreign, of nobody, native and in Canvas.

D-09a, W-32, W-33 and design.md, "Who may do what". A type without a row here fails: add one to `VISIBLE`, and one of each
side to the estate.
"""

from __future__ import annotations

import base64
import re

import pytest

from tests.acceptance.estate import Estate, build
from tests.acceptance.everything import SDL
from tests.support.house import House

DEPARTMENT = {"department", "system"}
OFFICERS = {"officer", "foreigner"}
NORTH, SOUTH = {"officer", *DEPARTMENT}, {"foreigner", *DEPARTMENT}
OWN = {"north": {"student", *NORTH}, "south": SOUTH}
"""Of a person: seen by themselves, by their facility's admins and by the department."""
OFFICE = {"north": NORTH, "south": SOUTH}
"""Of a facility's office: no student's business."""

VISIBLE: dict[str, dict[str, set[str]]] = {
    "Facility": OWN,
    "User": {**OWN, "stranger": {"stranger", *DEPARTMENT}},
    "NativeProgram": OWN,
    "NativeClass": OWN,
    "NativeEnrollment": OWN,
    "NativeEvent": OWN,
    "Room": OWN,
    "Holiday": OWN,
    "Team": OWN,
    "ClassTeam": OFFICE,
    "CanvasTeam": {"north": {"student", *OFFICERS, *DEPARTMENT}, "south": {*OFFICERS, *DEPARTMENT}},
    "CalendarFeed": OWN,
    "ProviderLink": OWN,
    "CanvasEnrollment": OWN,
    "CanvasEvent": OWN,
    "CanvasClass": {
        "north": {"student", *OFFICERS, *DEPARTMENT},
        "south": {*OFFICERS, *DEPARTMENT},
        "shared": {"student", *OFFICERS, *DEPARTMENT},
        "alone": {*OFFICERS, *DEPARTMENT},
    },
    "Provider": {"everywhere": {"student", "stranger", *OFFICERS, *DEPARTMENT}, "only": SOUTH},
    "CanvasProgram": {"everywhere": {"student", *OFFICERS, *DEPARTMENT}, "only": SOUTH},
    "SyncRun": OFFICE,
    "AuditEntry": OFFICE,
    "MatchApplication": OFFICE,
    "PushPlan": OFFICE,
}
NODES = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.fixture
async def estate(house: House) -> Estate:
    return await build(house)


def seen_by(viewer: str) -> set[tuple[str, str]]:
    """What the table lets a viewer see."""
    return {(kind, side) for kind, sides in VISIBLE.items() for side, viewers in sides.items() if viewer in viewers}


def test_every_type_with_an_id_has_a_row(house: House) -> None:
    concrete = {of.name for of in SDL.get_possible_types(SDL.type_map["Node"])}  # type: ignore[arg-type]
    of_row = {kind if kind in concrete else re.sub("^(Native|Canvas|Class)", "", kind) for kind in VISIBLE}
    assert concrete - of_row == set(), "types that no row of VISIBLE is about"
    assert of_row - concrete == set(), "rows about types that are gone"


async def test_every_row_has_its_objects(estate: Estate) -> None:
    assert {(kind, side) for kind, sides in VISIBLE.items() for side in sides} == estate.ids.keys()


async def test_by_id_a_viewer_finds_exactly_what_is_theirs_to_see(house: House, estate: Estate) -> None:
    for viewer, person in estate.viewers.items():
        if person is None:
            continue
        found = await house.data(NODES, person, ids=list(estate.ids.values()))
        answered = {key for key, node in zip(estate.ids, found["nodes"], strict=True) if node is not None}
        assert answered - seen_by(viewer) == set(), f"seen by the {viewer} and not theirs"
        assert seen_by(viewer) - answered == set(), f"the {viewer}'s and not seen"
        for id, node in zip(estate.ids.values(), found["nodes"], strict=True):
            assert node is None or (node["id"], node["__typename"]) == (id, type_in(id))


async def test_nobody_finds_nothing(house: House, estate: Estate) -> None:
    result = await house.run(NODES, None, ids=list(estate.ids.values()))
    assert result.data == {"nodes": None}
    assert [error.extensions["code"] for error in result.errors or []] == ["UNAUTHENTICATED"]


async def test_what_is_not_there_looks_like_what_is_not_theirs(house: House, estate: Estate) -> None:
    """What is out of scope does not exist, and cannot be told from what never did."""
    made_up = [
        base64.urlsafe_b64encode(f"{type_in(id)}:native:99999".encode()).decode().rstrip("=")
        for id in estate.ids.values()
    ]
    odd = ["", "nonsense", "VXNlcjpuYXRpdmU6MQ==x", "User:native:1", *made_up]
    found = await house.data(NODES, estate.system, ids=odd)
    assert found["nodes"] == [None] * len(odd)


def type_in(id: str) -> str:
    return base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode().partition(":")[0]
