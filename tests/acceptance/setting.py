"""Organisations to measure: facilities, linked people, and a Canvas of any size behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.models import Facility, Provider, ProviderLink, User
from domain.enums import Role
from sandbox.behaviour import Behaviour
from sandbox.world import World
from tests import factories
from tests.support.house import NOON, House

STATEWIDE = """
{ programs { nodes { id metrics { classCount activeClassCount activeEnrollmentCount totalEnrollmentCount
      enrolledResidentCount completionRate } } sources { state errorCode expected loaded } }
  classes(first: 100) { totalCount sources { state errorCode expected loaded }
    nodes { id enrolledCount enrollmentsByFacility { facility { id } enrolledCount } } } }
"""


@dataclass
class Organisation:
    """A department admin, facilities and a Canvas; `linked` are students of ours with an account there."""

    admin: User
    facilities: list[Facility]
    canvas: Provider
    world: World
    linked: list[User]


async def organisation(
    house: House,
    *,
    courses: int,
    facilities: int = 1,
    students: int = 40,
    per_course: int = 3,
    linked: int = 20,
    behaviour: Behaviour | None = None,
    name: str = "State College",
    **given: Any,
) -> Organisation:
    """A Canvas of plain courses and people linked to it, spread over the facilities in turn."""
    world = World.generate(
        plain=True, courses=courses, students=students, students_per_course=per_course, weeks=1, today=NOON.date()
    )
    canvas = await house.canvas(world, behaviour, name=name, **given)
    places = [await factories.facility(name=f"{name} {n:02}") for n in range(facilities)]
    return Organisation(
        admin=await factories.user(role=Role.DEPARTMENT_ADMIN),
        facilities=places,
        canvas=canvas,
        world=world,
        linked=await link_students(canvas, world, places, linked),
    )


async def link_students(canvas: Provider, world: World, places: list[Facility], number: int) -> list[User]:
    """So many new students, linked to the first accounts that are students somewhere."""
    accounts = sorted({row.user_id for row in world.enrollments.values() if row.type == "StudentEnrollment"})[:number]
    people = [await factories.user(facility=places[n % len(places)]) for n in range(len(accounts))]
    await ProviderLink.bulk_create(
        ProviderLink(provider=canvas, user=person, external_user_id=str(account))
        for person, account in zip(people, accounts, strict=True)
    )
    return people


def bill(house: House, canvas: Provider) -> dict[str, int]:
    """How many requests of each kind its Canvas has had since `forget_calls`."""
    counts: dict[str, int] = house.sandboxes[canvas.id].state.log.counts()
    return counts
