"""What is elsewhere cannot be told from what never was: the answers are the same, letter for letter (§4.3, W-32)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from db import models
from domain.enums import MatchDecision, Source
from domain.refs import NativeClassRef, NativeProgramRef, TeamRef, UserRef
from graph.ids import decode_as
from tests import factories
from tests.abuse.asked import READS, WRITES
from tests.acceptance.estate import Estate, build
from tests.acceptance.test_scope_mutations import subjects
from tests.acceptance.test_scope_nodes import VISIBLE
from tests.support.house import NOON, House, gid
from tests.support.mutations import ask

ASKING = ("officer", "student", "stranger")


@pytest.fixture
async def estate(house: House) -> Estate:
    """With people of the South in what belongs to the North, as a department admin may arrange it."""
    estate = await build(house)
    south = estate.sides["south"]
    friend = await factories.user(facility=south.place, username="south.friend")
    estate.ids["User", "south"] = gid(UserRef(friend.id))
    taught = decode_as(estate.ids["NativeClass", "north"], NativeClassRef).id
    await factories.enrollment(school_class_id=taught, user=friend)
    await models.ClassEvent.filter(school_class_id=taught).update(instructor_id=friend.id)
    program = decode_as(estate.ids["NativeProgram", "north"], NativeProgramRef).id
    await models.ProgramFacility.create(program_id=program, facility=south.place)
    for kind in ("Team", "ClassTeam", "CanvasTeam"):
        team = decode_as(estate.ids[kind, "north"], TeamRef).id
        await models.TeamMembership.create(
            team_id=team, user=friend, source=Source.NATIVE, since=NOON, class_key=f"of {team}"
        )
    await models.MatchDraft.create(
        provider=estate.canvas,
        user=friend,
        canvas_user_id=estate.free_accounts["north"],
        decision=MatchDecision.CONFIRMED,
        decided_at=NOON,
    )
    await factories.audit_entry(facility_id=estate.sides["north"].place.id, actor_id=friend.id)
    return estate


@pytest.mark.parametrize(("name", "given"), WRITES, ids=[f"{n}-{name}" for n, (name, _) in enumerate(WRITES)])
async def test_no_mutation_tells_what_is_elsewhere_from_what_never_was(
    house: House, estate: Estate, name: str, given: Any
) -> None:
    """Each id of the input in turn: of the South, and of nothing."""
    own, foreign = given(estate, "north"), given(estate, "south")
    for viewer in ASKING:
        for key, value in foreign.items():
            asked, made_up = {**own, key: value}, {**own, key: changed(value, never(estate, viewer))}
            if asked != made_up:
                told = await ask(house, estate.viewers[viewer], name, subjects(name), **asked)
                said = await ask(house, estate.viewers[viewer], name, subjects(name), **made_up)
                assert without(told, asked) == without(said, made_up), (viewer, key)


@pytest.mark.parametrize(("kind", "field"), [*READS, *((kind, "node(id: $id) { id }") for kind in VISIBLE)])
async def test_no_query_tells_what_is_elsewhere_from_what_never_was(
    house: House, estate: Estate, kind: str, field: str
) -> None:
    """On a cache that a department admin's question made warm."""
    query = f"query Q($id: ID!) {{ {field} }}"
    id = estate.ids.get((kind, "south")) or estate.ids[kind, "only"]
    await house.run(query, estate.department, id=id)
    for viewer in ASKING:
        made_up = changed(id, never(estate, viewer))
        told = await house.run(query, estate.viewers[viewer], id=id)
        said = await house.run(query, estate.viewers[viewer], id=made_up)
        assert told.data == said.data, viewer
        assert [error.message for error in told.errors or []] == [error.message for error in said.errors or []]


def never(estate: Estate, viewer: str) -> Callable[[str], str]:
    """To the id of something of the same type that there never was; of what the viewer may see the id itself."""
    hidden = {id for (kind, side), id in estate.ids.items() if viewer not in VISIBLE[kind][side]}

    def made_up(id: str) -> str:
        if id not in hidden:
            return id
        name, source, key, *parents = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode().split(":")
        parts = [name, source, key, "99999"] if parents else [name, source, "99999"]
        parts = [name, "99999", "99999"] if name == "CanvasProgram" else parts
        return base64.urlsafe_b64encode(":".join(parts).encode()).decode().rstrip("=")

    return made_up


def changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: changed(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [changed(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def without(reply: Any, given: dict[str, Any]) -> str:
    """An answer without the ids that it repeats."""
    text = str(reply)
    for value in given.values():
        for id in value if isinstance(value, list) else [value]:
            text = text.replace(id, "…") if isinstance(id, str) else text
    return text
