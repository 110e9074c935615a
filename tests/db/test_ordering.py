from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.models import Facility
from db.queries.facilities import facilities
from domain.names import fold
from domain.scope import SYSTEM
from tests import factories as make

NAMES = [
    "_x",
    "apple",
    "Banana",
    "éclair",
    "Zebra",
    "zebra 2",
    "Ärger",
    "a-b",
    "a b",
    "A_B",
    "10",
    "9",
    "Straße",
    "日本",
]


async def test_lists_are_ordered_as_python_orders_folded_names(database: str) -> None:
    for name in NAMES:
        await make.facility(name=name)
    assert [row.name for row in await facilities(SYSTEM)] == sorted(NAMES, key=fold)
    assert sorted(NAMES, key=fold)[:7] == ["10", "9", "_x", "a b", "a-b", "A_B", "apple"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), max_size=20))
async def test_any_names_are_ordered_alike(database: str, names: list[str]) -> None:
    keys = sorted({fold(name) for name in names})
    await Facility.all().delete()
    await Facility.bulk_create([Facility(name=key[:255], sort_key=key, time_zone="UTC") for key in reversed(keys)])
    assert [row.sort_key for row in await facilities(SYSTEM)] == keys
