"""Long lists of numbers stand in the statement itself."""

from __future__ import annotations

import pytest

from db.models import Facility
from db.queries.counts import counts_by_class
from db.queries.facilities import facilities_by_ids
from db.queries.fetching import one_of
from domain.enums import EnrollmentStatus
from domain.names import fold
from domain.scope import SYSTEM


@pytest.mark.usefixtures("database")
async def test_a_long_list_of_ids_finds_its_rows_and_no_others() -> None:
    names = [f"Place {number}" for number in range(120)]
    made = [await Facility.create(name=name, sort_key=fold(name), time_zone="UTC") for name in names]
    found = await facilities_by_ids([row.id for row in made[:100]])
    assert sorted(row.id for row in found) == [row.id for row in made[:100]]
    assert await counts_by_class(SYSTEM, range(1, 200), EnrollmentStatus.ENROLLED) == {}


def test_only_numbers_are_written_into_a_statement() -> None:
    assert one_of([*range(60)]).sql == f"({','.join(map(str, range(60)))})"
    texts = ["1); DROP TABLE x; --"] * 60
    assert one_of(texts) is texts
    assert one_of([1, 2]) == [1, 2]
