"""What admins look things up in: the audit log of one object, and the runs that go on now."""

from __future__ import annotations

from domain.enums import Role, SyncKind, SyncState
from domain.refs import ProviderRef, UserRef
from tests import factories
from tests.support.house import NOON, House, gid

RUNS = """query R($filter: SyncRunFilter) { syncRuns(filter: $filter) { totalCount nodes { kind state } } }"""


async def test_what_was_done_to_one_person_is_found_by_their_id(house: House) -> None:
    boss = await factories.user(role=Role.DEPARTMENT_ADMIN)
    for key in ("7", "77"):
        await factories.audit_entry(action="updateUser", object_type="User", object_key=f"native:{key}", at=NOON)
    query = """query A($filter: AuditFilter) { auditLog(filter: $filter) { totalCount nodes { objectId } } }"""
    person = gid(UserRef(7))
    found = await house.data(query, boss, filter={"objectId": person})
    assert found == {"auditLog": {"totalCount": 1, "nodes": [{"objectId": person}]}}
    for filter, count in (({"since": NOON.isoformat()}, 2), ({"until": NOON.isoformat()}, 0)):
        assert (await house.data(query, boss, filter=filter))["auditLog"]["totalCount"] == count


async def test_runs_are_listed_by_provider_kind_and_state(house: House) -> None:
    boss = await factories.user(role=Role.DEPARTMENT_ADMIN)
    one, other = await factories.provider(), await factories.provider()
    await factories.sync_run(kind=SyncKind.PULL_TEAMS, provider=one, state=SyncState.RUNNING)
    await factories.sync_run(kind=SyncKind.MATCH, provider=one, state=SyncState.SUCCEEDED)
    await factories.sync_run(kind=SyncKind.MATCH, provider=other, state=SyncState.QUEUED)
    asked = {
        "now": {"state": ["QUEUED", "RUNNING"]},
        "matching": {"kind": ["MATCH"], "providerId": gid(ProviderRef(one.id))},
        "nothing": {"state": []},
    }
    found = {name: (await house.data(RUNS, boss, filter=filter))["syncRuns"] for name, filter in asked.items()}
    assert [row["kind"] for row in found["now"]["nodes"]] == ["MATCH", "PULL_TEAMS"]
    assert found["matching"] == {"totalCount": 1, "nodes": [{"kind": "MATCH", "state": "SUCCEEDED"}]}
    assert found["nothing"] == {"totalCount": 0, "nodes": []}
