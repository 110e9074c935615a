"""Teams made by hand for the demo's classes, beside those that a pull brings from Canvas."""

from __future__ import annotations

from collections.abc import Sequence

from db.models import Enrollment, SchoolClass, Team, TeamMembership
from domain.enums import EnrollmentStatus, Source
from domain.names import fold
from domain.refs import NativeClassRef
from domain.teams import class_key
from services.operation import Operation

NAMES = ("Cedar", "Maple", "Oak", "Birch")
SIZE = 4


async def seed_teams(op: Operation, classes: Sequence[NativeClassRef]) -> int:
    """Up to four teams of up to four enrolled people in each class; how many teams there are now."""
    made = 0
    for ref in classes:
        row = await SchoolClass.get_or_none(id=ref.id)
        if row is None:
            continue
        enrolled = Enrollment.filter(school_class_id=ref.id, status=EnrollmentStatus.ENROLLED).order_by("id")
        people = [person for (person,) in await enrolled.values_list("user_id")]
        for name, start in zip(NAMES, range(0, len(people), SIZE), strict=False):
            await _team(op, row, name, people[start : start + SIZE])
            made += 1
    return made


async def _team(op: Operation, row: SchoolClass, name: str, people: Sequence[int]) -> None:
    key = class_key(NativeClassRef(row.id))
    team = await Team.create(
        name=name,
        sort_key=fold(name),
        description=f"Work group of {row.name}"[:500],
        source=Source.NATIVE,
        class_key=key,
        school_class_id=row.id,
        facility_id=row.facility_id,
        facility_key=row.facility_id,
    )
    now = op.now()
    members = [
        TeamMembership(team_id=team.id, user_id=person, class_key=key, source=Source.NATIVE, since=now)
        for person in people
    ]
    await TeamMembership.bulk_create(members)
