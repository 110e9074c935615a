"""Whose memberships an operation moves, counts and tells of: everybody's, or its own people's (D-06a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from db.models import User
from domain.scope import Scope

Within: TypeAlias = Callable[[int], bool]
"""Whether a person is in the scope: others in a team stay as they are."""


async def people_within(scope: Scope) -> Within:
    """Source: one query for a facility admin, none for those who may see everybody."""
    if scope.everywhere:
        return lambda _: True
    if not scope.is_admin or scope.facility_id is None:
        return lambda _: False
    return set(await User.filter(facility_id=scope.facility_id).values_list("id", flat=True)).__contains__


def accounts_within(scope: Scope, people: Mapping[str, int], within: Within) -> Callable[[str], bool]:
    """The same of Canvas accounts, `people` being who is linked to them; accounts of nobody count for the department."""
    if scope.everywhere:
        return lambda _: True
    return lambda account: account in people and within(people[account])
