"""`homeroom match` without the command around it."""

from __future__ import annotations

import csv
import io

import pytest

from db.models import ProviderLink
from domain.enums import MatchGrade, MatchOutcomeKind
from domain.problems import NotFound, UpstreamUnavailable
from domain.scope import SYSTEM
from loaders.kinds import ACCOUNT, COURSES, PEOPLE
from sandbox.behaviour import Fault
from services.match_command import apply_auto, counts, find, planned, reservations, work_out
from services.match_export import write_csv
from services.operation import Operation, begin
from tests.graph.operations.matching.scene import Scene
from tests.support.house import House


@pytest.fixture
async def scene(house: House) -> Scene:
    found = Scene(house)
    found.account("Sam Reed", login="sreed", sis_id="D1")
    found.account("=HYPERLINK(1)", login="+evil")
    await found.open(match_policy="PUBLISHED")
    await found.person("Sam", "Reed", username="sreed", doc_id="D1")
    await found.person("Ida", "Hall", found.south)
    return found


def op(scene: Scene) -> Operation:
    return begin(scene.house.engine, SYSTEM)


async def test_a_report_is_worked_out_and_its_first_bucket_applied(scene: Scene) -> None:
    work = op(scene)
    view = await work_out(work, await find(work, "state COLLEGE", None))
    assert counts(view) == {MatchGrade.AUTO_CONFIRMED: 1, MatchGrade.AMBIGUOUS: 0, MatchGrade.UNMATCHED: 1}
    assert await planned(work, view) == ["Sam Reed (101) is Sam Reed, sreed"]
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    outcomes = await apply_auto(work, view, progress)
    assert ([one.kind for one in outcomes], told) == ([MatchOutcomeKind.LINKED], [(1, 1)])
    assert await ProviderLink.filter(unlinked_at=None).count() == 1
    again = await work_out(work, await find(work, "State College", None))
    assert await apply_auto(work, again) == []


async def test_what_would_be_linked_is_shown_as_text_that_no_terminal_obeys(house: House) -> None:
    found = Scene(house)
    account = found.account("Sam\x1b[2J Reed", login="sreed", sis_id="D1")
    await found.open()
    await found.person("Sam", "Reed", username="sreed", doc_id="D1")
    work = op(found)
    view = await work_out(work, await find(work, "State College", None))
    assert await planned(work, view) == [f"Sam\ufffd[2J Reed ({account}) is Sam Reed, sreed"]


async def test_what_a_person_decided_otherwise_is_not_planned(scene: Scene) -> None:
    other = await scene.person("Ora", "Kim")
    await scene.decide("101", other, "CONFIRMED")
    work = op(scene)
    assert await planned(work, await work_out(work, await find(work, "State College", None))) == []


async def test_names_choose_the_report(scene: Scene) -> None:
    work = op(scene)
    south = await work_out(work, await find(work, "State College", "SOUTH"))
    assert counts(south)[MatchGrade.AUTO_CONFIRMED] == 0
    for provider, facility, path in (("Nowhere", None, "provider"), ("State College", "Nowhere", "facility")):
        with pytest.raises(NotFound) as problem:
            await find(work, provider, facility)
        assert problem.value.path == (path,)


async def test_a_table_holds_no_formula(scene: Scene) -> None:
    """A student may choose their name in Canvas."""
    work, out = op(scene), io.StringIO(newline="")
    await write_csv(work, await work_out(work, await find(work, "State College", None)), out)
    header, first, second = csv.reader(io.StringIO(out.getvalue()))
    assert header[:4] == ["grade", "canvas_user_id", "canvas_name", "canvas_login"]
    assert (first[0], first[2], first[4], first[5], first[6]) == (
        "AUTO_CONFIRMED",
        "Sam Reed",
        "sreed",
        "Sam Reed",
        "1.000",
    )
    assert (second[0], second[2], second[3], second[6]) == ("UNMATCHED", "'=HYPERLINK(1)", "'+evil", "0.000")


async def test_a_canvas_that_fails_is_said(scene: Scene) -> None:
    scene.house.sandboxes[scene.canvas.id].state.behaviour.faults.append(Fault(path="accounts/1/users", status=403))
    work = op(scene)
    with pytest.raises(UpstreamUnavailable):
        await work_out(work, await find(work, "State College", None))


async def test_a_report_of_yesterdays_people_says_so(scene: Scene) -> None:
    house = scene.house
    key = await find(op(scene), "State College", None)
    assert reservations(await work_out(op(scene), key)) == []
    house.clock.pass_(days=1)
    house.hosts.apps.clear()
    for kind in (COURSES, PEOPLE):
        await house.engine.facts.refresh(kind, scene.canvas.id, [ACCOUNT])
    told = reservations(await work_out(op(scene), key))
    assert told == ["Canvas cannot be reached. These are its people as of 2026-03-02 18:00 UTC."]
