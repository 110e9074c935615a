"""The demo shows what the matcher is for: names written otherwise, near twins, two accounts, teachers who were students."""

from __future__ import annotations

import httpx

from domain.enums import MatchGrade
from domain.scope import SYSTEM
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from services import demo
from services.match_command import find, work_out
from services.operation import begin
from tests.support.house import House

CANVAS = "https://college.example"
AUTO, REVIEW, NOBODY = MatchGrade.AUTO_CONFIRMED, MatchGrade.AMBIGUOUS, MatchGrade.UNMATCHED


async def test_the_demo_has_a_candidate_for_every_reason(house: House) -> None:
    app = create_app(World.generate(seed=1, courses=60, students=400), Behaviour(throttling=False))
    house.hosts.apps[httpx.URL(CANVAS).host] = httpx.ASGITransport(app=app)
    op = begin(house.engine, SYSTEM)
    await demo.seed(op, CANVAS, DEFAULT_TOKEN, "https://down.example", demo.Size(people=120, facilities=4))
    view = await work_out(op, await find(op, "State College", None))
    said = [
        (line.account.person.name, line.proposal.grade, {reason.code for reason in line.proposal.evidence})
        for line in view.lines
    ]
    for name, grade, codes in (
        ("Dana Whitfield", AUTO, set()),
        ("Bill Harrison", AUTO, {"SIS_ID_EQUAL", "LOGIN_EQUAL", "NICKNAME"}),
        ("José Núñez", AUTO, {"SIS_ID_EQUAL", "LOGIN_EQUAL", "ACCENTS"}),
        ("Liz Alvarez", REVIEW, {"LOGIN_DIFFERENT", "NICKNAME"}),
        ("Zoë Müller", REVIEW, {"LOGIN_DIFFERENT", "ACCENTS"}),
        ("Ana-María de la Cruz", REVIEW, {"LOGIN_DIFFERENT", "SWAPPED_ORDER"}),
        ("Jon Smith", REVIEW, {"LOGIN_DIFFERENT", "INITIAL"}),
        ("Roberta Brown", REVIEW, {"LOGIN_DIFFERENT", "RUNNER_UP"}),
        ("Robert Brown", NOBODY, set()),
        ("Miguel Santos", REVIEW, {"LOGIN_DIFFERENT", "RUNNER_UP"}),
        ("Miguel Santos", NOBODY, set()),
    ):
        assert (name, grade, codes) in said
    roles = [line.account.roles for line in view.lines]
    assert ("StudentEnrollment", "TeacherEnrollment") in roles
