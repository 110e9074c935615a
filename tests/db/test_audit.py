from __future__ import annotations

from datetime import UTC, timedelta

from db.queries.audit import audit_count, audit_entries_by_ids, audit_page
from domain.enums import Role
from domain.filters import AuditFilter
from domain.scope import SYSTEM, Scope
from tests import factories as make
from tests.factories import NOW

ALL = AuditFilter()


async def test_the_log_is_read_page_by_page_newest_first(database: str) -> None:
    made = [(await make.audit_entry()).id for _ in range(5)]
    first = await audit_page(SYSTEM, ALL, 2)
    second = await audit_page(SYSTEM, ALL, 9, first[-1].id)
    assert [row.id for row in (*first, *second)] == made[::-1]
    assert await audit_count(SYSTEM, ALL) == 5


async def test_the_log_is_narrowed(database: str) -> None:
    boss = await make.user(role=Role.SYSTEM_ADMIN)
    await make.audit_entry(action="linkUser", object_type="User", object_key="7", actor=boss)
    await make.audit_entry(action="linkUser", object_type="User", object_key="77")
    for narrowed in (AuditFilter(actor_id=boss.id), AuditFilter(object_type="User", object_key="7")):
        assert [row.object_key for row in await audit_page(SYSTEM, narrowed, 9)] == ["7"]
    assert await audit_count(SYSTEM, AuditFilter(action="linkUser")) == 2


async def test_the_log_is_narrowed_to_a_time(database: str) -> None:
    for days in range(4):
        await make.audit_entry(object_key=str(days), at=NOW + timedelta(days=days))
    between = AuditFilter(since=NOW + timedelta(days=1), until=NOW + timedelta(days=3))
    assert [row.object_key for row in await audit_page(SYSTEM, between, 9)] == ["2", "1"]


async def test_what_happened_elsewhere_or_everywhere_is_not_for_a_facility_admin(database: str) -> None:
    own = await make.audit_entry(facility_id=1, before={"name": "a"}, after={"name": "b"})
    others = [await make.audit_entry(facility_id=2), await make.audit_entry()]
    ids = [own.id, *(row.id for row in others)]
    [row] = await audit_entries_by_ids(Scope(Role.FACILITY_ADMIN, 1, 1), ids)
    assert (row.id, row.before, row.after) == (own.id, {"name": "a"}, {"name": "b"})
    assert await audit_count(Scope(Role.STUDENT, 1, 1), ALL) == 0
    assert await audit_count(Scope(Role.FACILITY_ADMIN, 1, None), ALL) == 0


async def test_instants_come_back_in_utc_to_the_microsecond(database: str) -> None:
    instant = NOW + timedelta(microseconds=1)
    await make.audit_entry(at=instant)
    [row] = await audit_page(SYSTEM, ALL, 1)
    assert row.at == instant
    assert row.at.isoformat() == instant.astimezone(UTC).isoformat()
