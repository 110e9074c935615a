"""Constraints of teams that hold where there is no class and no set too: their keys are never null (D-06)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from db.models import Team, TeamMembership, User
from tests import factories

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def team(**given: Any) -> Team:
    return await Team.create(**{"name": "Red", "sort_key": "red", **given})


async def join(row: Team, user: User, **given: Any) -> TeamMembership:
    keys = {"class_key": row.class_key, "set_key": row.set_key}
    return await TeamMembership.create(team=row, user=user, source="NATIVE", since=NOW, **keys, **given)


@pytest.mark.parametrize("keys", [{}, {"class_key": "NativeClass:native:1"}, {"class_key": "C", "set_key": "7"}])
async def test_a_person_is_in_one_team_per_class_and_set(keys: dict[str, str]) -> None:
    person = await factories.user()
    one, two = await team(**keys), await team(name="Blue", sort_key="blue", **keys)
    await join(one, person, until=NOW)
    await join(one, person)
    with pytest.raises(IntegrityError):
        await join(two, person)
    elsewhere = await team(name="Green", sort_key="green", class_key="other")
    await join(elsewhere, person)
    assert await TeamMembership.filter(until=None).count() == 2


async def test_names_of_teams_made_by_hand_are_unique_in_class_and_facility() -> None:
    await team()
    await team(facility_key=1)
    await team(class_key="C")
    await team(source="CANVAS")
    await team(deleted_at=NOW)
    with pytest.raises(IntegrityError):
        await team()


async def test_a_canvas_group_is_one_team() -> None:
    """G-01."""
    provider = await factories.provider()
    given = {"provider": provider, "canvas_group_id": "5", "source": "CANVAS"}
    await team(**given, deleted_at=NOW)
    await team(**given)
    with pytest.raises(IntegrityError):
        await team(**given)
