"""What each role gets out of each root field: everything in it is theirs, and what is theirs is in it.

D-09a, P-14, P-32, W-32. A root field without a row here fails: add one to `ROOTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from domain.enums import Role
from tests.acceptance.estate import SIDES, Estate, build
from tests.acceptance.everything import DAYS, SDL, paths, selection
from tests.acceptance.test_scope_nodes import seen_by
from tests.support.house import House

Ask = Callable[[Estate, str], str]
"""The arguments of a root field about one side, as text."""


def id_of(kind: str, *, name: str = "id") -> Ask:
    return lambda estate, side: f'({name}: "{estate.ids[kind, side]}")'


def plain(_: Estate, __: str) -> str:
    return ""


def page(_: Estate, __: str) -> str:
    return "(first: 100)"


ROOTS: dict[str, tuple[Ask, set[str]]] = {
    "viewer": (plain, set()),
    "node": (id_of("User"), set()),
    "nodes": (lambda estate, side: f'(ids: ["{estate.ids["User", side]}"])', set()),
    "facilities": (plain, {"Facility"}),
    "users": (page, {"User"}),
    "providers": (plain, {"Provider"}),
    "programs": (page, {"NativeProgram", "CanvasProgram"}),
    "program": (id_of("NativeProgram"), set()),
    "classes": (page, {"NativeClass", "CanvasClass"}),
    "class": (id_of("CanvasClass"), set()),
    "matchReport": (
        lambda estate, side: (
            f'(providerId: "{estate.ids["Provider", "everywhere"]}", facilityId: "{estate.ids["Facility", side]}")'
        ),
        set(),
    ),
    "calendar": (
        lambda *_: f"(start: {DAYS['start']}, end: {DAYS['end']})",
        {"NativeEvent", "CanvasEvent"},
    ),
    "accessLedger": (id_of("User", name="userId"), set()),
    "rateLimit": (plain, set()),
    "calendarFeeds": (plain, {"CalendarFeed"}),
    "auditLog": (page, {"AuditEntry"}),
    "syncRuns": (page, {"SyncRun"}),
    "teams": (page, {"Team", "ClassTeam", "CanvasTeam"}),
}
"""How each root field is asked, and the kinds of which it lists everything that is the viewer's."""

WITHOUT_A_TOKEN = {"viewer", "rateLimit"}
REFUSALS = {"FORBIDDEN", "BAD_ID", "NOT_FOUND"}


@pytest.fixture
async def estate(house: House) -> Estate:
    return await build(house)


def test_every_root_field_has_a_row() -> None:
    assert SDL.query_type is not None
    assert SDL.query_type.fields.keys() - ROOTS.keys() == set(), "root fields that no row of ROOTS is about"
    assert ROOTS.keys() - SDL.query_type.fields.keys() == set(), "rows about root fields that are gone"


def document(estate: Estate, name: str, side: str) -> str:
    assert SDL.query_type is not None
    named = _named(SDL.query_type.fields[name].type)
    inner = selection(named, 1 if named.name == "Node" else 2, skip=_told_elsewhere)
    return f"{{ {name}{ROOTS[name][0](estate, side)} {{ {inner} }} }}"


def _told_elsewhere(_: str, field: str) -> bool:
    return field in ("edges", "pageInfo", "sources", "freshness")


def _named(type_: Any) -> Any:
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    return type_


async def test_nobody_is_told_to_sign_in_everywhere(house: House, estate: Estate) -> None:
    for name in ROOTS:
        result = await house.run(document(estate, name, "north"), None)
        assert result.data == {name: None}, name
        codes = [error.extensions["code"] for error in result.errors or []]
        assert codes == ([] if name in WITHOUT_A_TOKEN else ["UNAUTHENTICATED"]), name
    assert house.calls(estate.canvas) == []


async def test_nothing_of_the_other_side_is_in_any_answer(house: House, estate: Estate) -> None:
    """Asked about their own side and about the other one, by id and by list, three types deep; after a department
    admin has asked the same, so that whatever is kept of answers is warm."""
    for name in ROOTS:
        for asked in dict.fromkeys(document(estate, name, side) for side in SIDES):
            await house.run(asked, estate.department)
            for viewer in ("student", "stranger", "officer", "foreigner"):
                result = await house.run(asked, estate.viewers[viewer])
                assert {error.extensions["code"] for error in result.errors or []} <= REFUSALS, (name, result.errors)
                assert leaks(estate, viewer, result.data) == set(), f"{asked[:80]}…, to the {viewer}"


def leaks(estate: Estate, viewer: str, data: Any) -> set[Any]:
    """The objects and the words in an answer that are not the viewer's."""
    theirs = seen_by(viewer)
    hidden = {id: key for key, id in estate.ids.items() if key not in theirs}
    words = [word for side in estate.sides.values() for word in side.private if not _own(viewer, side.name)]
    told = orjson.dumps(data, default=str).decode()
    ids = {hidden[value] for _, value in paths(data) if isinstance(value, str) and value in hidden}
    return ids | {word for word in words if word in told}


def _own(viewer: str, side: str) -> bool:
    return (viewer, side) in {("student", "north"), ("officer", "north"), ("foreigner", "south")}


async def test_what_is_theirs_is_in_every_list(house: House, estate: Estate) -> None:
    for name, (_, kinds) in ROOTS.items():
        asked = document(estate, name, "north") if kinds else ""
        for viewer, person in estate.viewers.items():
            if not asked or person is None:
                continue
            result = await house.run(asked, person)
            answered = {value for path, value in paths(result.data) if path[-1] == "id"}
            expected = {key for key in seen_by(viewer) if key[0] in kinds}
            missing = {key for key in expected if estate.ids[key] not in answered}
            assert missing == set(), f"{name} lacks what is the {viewer}'s"


async def test_students_are_told_no_count_and_no_one_elses_name(house: House, estate: Estate) -> None:
    """D-09a."""
    query = """{ classes { nodes { enrolledCount completedCount enrollmentsByFacility { enrolledCount }
        roster { totalCount nodes { user { username } } } } } programs { nodes { metrics { classCount } } }
        providers { linkedUserCount unlinkedStudentCount canvasUsers { totalCount } links { nodes { user { username } } } } }"""
    data = await house.data(query, estate.viewers["student"])
    rows = data["classes"]["nodes"]
    assert len(rows) == 3
    for row in rows:
        assert (row["enrolledCount"], row["completedCount"], row["enrollmentsByFacility"]) == (None, None, None)
        assert row["roster"] == {"totalCount": None, "nodes": [{"user": {"username": "north.student"}}]}
    assert [row["metrics"] for row in data["programs"]["nodes"]] == [None, None]
    (provider,) = data["providers"]
    assert (provider["linkedUserCount"], provider["unlinkedStudentCount"], provider["canvasUsers"]) == (
        None,
        None,
        None,
    )


async def test_an_officers_counts_are_of_their_own_people(house: House, estate: Estate) -> None:
    """P-14, D-09: the statewide row is one; what it counts is what the viewer may see."""
    query = "{ classes(filter: {source: CANVAS}) { nodes { name enrolledCount enrollmentsByFacility { facility { name } enrolledCount } } } }"
    counts = {}
    for viewer in ("officer", "foreigner", "department"):
        rows = (await house.data(query, estate.viewers[viewer]))["classes"]["nodes"]
        counts[viewer] = {row["name"]: row["enrolledCount"] for row in rows}
    assert counts == {
        "officer": {"Alone": 0, "North Course": 1, "Shared": 1, "South Course": 0},
        "foreigner": {"Alone": 0, "North Course": 0, "Shared": 1, "South Course": 1},
        "department": {"Alone": 0, "North Course": 1, "Shared": 2, "South Course": 1},
    }


async def test_keys_and_addresses_of_canvas_are_for_those_who_manage_it(house: House, estate: Estate) -> None:
    """W-30."""
    query = "{ providers { baseUrl accountId hasAccessKey accessKeyFingerprint nightlySync oidcClient { clientId } } }"
    for viewer in ("student", "officer"):
        (row,) = (await house.data(query, estate.viewers[viewer]))["providers"]
        assert set(row.values()) == {None}
    rows = (await house.data(query, estate.department))["providers"]
    assert {row["hasAccessKey"] for row in rows} == {True}


def test_every_role_is_in_the_matrix(house: House, estate: Estate) -> None:
    assert {viewer.role for viewer in estate.viewers.values() if viewer} == set(Role)
