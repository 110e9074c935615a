"""A Canvas whose answers have anything in any place: nobody meets a fault of ours, and no run ends in one."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from db import models
from domain.errors import DomainError
from services.link_names import refresh_names
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from tests.acceptance.estate import Estate, build
from tests.support.house import House
from tests.support.mutations import ask

EXAMPLES = int(os.environ.get("HOMEROOM_FUZZ_EXAMPLES", "12"))
ODD: list[Any] = [
    None, "", 0, -1, 10**30, "9" * 5000, "²", [], {}, [[]], [None], [{}], True, "\0", "<script>alert(1)</script>",
    "a" * 100_000, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-02-30T00:00:00Z", "../..",
    "javascript:alert(1)", "1:2:3", 1.5, 1e300, "\u202e\u200b", "America", "1",
]  # fmt: skip
EVERYTHING = """query E { classes(first: 100) { sources { state } nodes { name description startDate timeZone status
      instructors enrolledCount completedCount roster { nodes { enrolledAt user { fullName } } } schedule { text }
      atRisk { reasons } freshness { state } ... on CanvasClass { canvasCourseId canvasUrl groupsState } } }
  programs { nodes { metrics { classCount activeEnrollmentCount completionRate } } }
  providers { linkedUserCount unlinkedStudentCount links { nodes { canvasName externalUsername } }
    canvasUsers(first: 100) { nodes { canvasUserId name roles loginId email sisUserId suggestedUser { username email } } } }
  calendar(start: "2026-03-01", end: "2026-03-31") { events { id title startsAt timeZone location
    ... on CanvasEvent { canvasUrl seriesId } } }
  users(first: 50) { nodes { enrollments { nodes { enrolledAt class { name } } } } } }"""
REPORT = """query R($id: ID!) { matchReport(providerId: $id) { counts { unmatched }
  candidates(first: 50) { nodes { score canvasUser { name } evidence { message } user { fullName } } } } }"""


class Hostile(httpx.AsyncBaseTransport):
    """Passes on what a Canvas answers, with something odd in up to three places of it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, seed: int) -> None:
        self._inner = inner
        self._rng = random.Random(seed)
        self.changed: list[Any] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        payload = json.loads(content) if content else None
        spots = list(places(payload))
        for holder, key in self._rng.sample(spots, min(len(spots), self._rng.randrange(4))):
            holder[key] = self._rng.choice(ODD)
            self.changed.append((request.url.path, key, str(holder[key])[:30]))
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, content=json.dumps(payload).encode())


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that holds something, and where."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_nothing_that_canvas_says_is_a_fault_of_ours(house: House, seed: int) -> None:
    estate = await build(house)
    host = httpx.URL(estate.canvas.base_url).host
    hostile = Hostile(house.hosts.apps[host], seed)
    house.hosts.apps[host] = hostile  # type: ignore[assignment]
    provider = estate.ids["Provider", "everywhere"]
    for query in (EVERYTHING, REPORT):
        for viewer in ("department", "officer", "student"):
            result = await house.run(query, estate.viewers[viewer], **({"id": provider} if query is REPORT else {}))
            faults = [error for error in result.errors or [] if not isinstance(error.original_error, DomainError)]
            assert faults == [], hostile.changed
    await writes(house, estate, provider)
    for _, run in house.queue.jobs:
        await carry_out(house.engine, run, HANDLERS, Pace())
    issues = await models.SyncIssue.all()
    assert "INTERNAL_ERROR" not in {issue.code for issue in issues}, hostile.changed


async def writes(house: House, estate: Estate, provider: str) -> None:
    """Those that read Canvas; whether they succeed is Canvas's business."""
    boss = estate.department
    await refresh_names(house.engine, estate.canvas.id)
    await ask(house, boss, "testProvider", "checks { name ok message }", id=provider)
    await ask(house, boss, "syncTeams", "run { id }", providerId=provider)
    for side in estate.sides:
        new = {"canvasUserId": estate.free_accounts[side], "facilityId": estate.ids["Facility", side]}
        await ask(house, boss, "createUserFromCanvas", "user { fullName }", providerId=provider, **new)
        await ask(house, boss, "planGroupMemberships", "plan { brake }", teamIds=[estate.ids["CanvasTeam", side]])
