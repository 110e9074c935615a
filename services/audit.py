"""Who did what: every write leaves an entry, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from db.models import AuditEntry
from db.queries import audit
from domain import rows
from domain.errors import BadIdError
from domain.filters import AuditFilter
from domain.paging import Page, PageRequest
from domain.refs import AuditEntryRef, NativeRef, Ref, key_of, number
from loaders import Loaders
from services.operation import Operation


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be told of one object. `before` and `after`: the changed fields only, JSON values, never a secret."""

    ref: Ref
    facility_id: int | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def moved_away(ref: Ref, facility_id: int | None) -> list[Entry]:
    """What the facility that a person left is told beside the entry of their new one: that they left, not where to."""
    if facility_id is None:
        return []
    return [Entry(ref, facility_id, {"facility_id": facility_id}, {"moved_away": True})]


async def record(
    op: Operation,
    action: str,
    ref: Ref,
    facility_id: int | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry; call it inside the transaction that it tells of.

    Shape: `before` and `after` as in `Entry`.
    """
    await _row(op, action, Entry(ref, facility_id, before, after)).save()


async def record_all(op: Operation, action: str, entries: Iterable[Entry]) -> None:
    """The same for many objects at once."""
    await AuditEntry.bulk_create([_row(op, action, entry) for entry in entries], batch_size=500)


async def record_of_people(
    op: Operation,
    action: str,
    ref: Ref,
    places: Mapping[int, int | None],
    told: Callable[[list[int]], Mapping[str, Any]],
) -> None:
    """One entry per facility of `places`, person → facility: nobody reads there of people elsewhere."""
    of: dict[int | None, list[int]] = {}
    for person, place in places.items():
        of.setdefault(place, []).append(person)
    await record_all(op, action, (Entry(ref, place, None, told(people)) for place, people in of.items()))


def _row(op: Operation, action: str, entry: Entry) -> AuditEntry:
    return AuditEntry(
        actor_id=op.scope.user_id,
        facility_id=entry.facility_id,
        action=action,
        object_type=entry.ref.type_name,
        object_key=":".join(entry.ref.parts[1:]),
        before=dict(entry.before) if entry.before is not None else None,
        after=dict(entry.after) if entry.after is not None else None,
        request_id=op.request_id,
        address=op.address,
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of `after` that differ, as they were and as they are, for `record`."""
    changed = [name for name, value in after.items() if before.get(name) != value]
    return {name: _json(before.get(name)) for name in changed}, {name: _json(after[name]) for name in changed}


def _json(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool | list | dict) else str(value)


async def audit_page(loaders: Loaders, narrowed: AuditFilter, request: PageRequest) -> Page[rows.AuditEntry]:
    """Newest first, in the viewer's scope."""
    before = _id_of(request) if request.after else None
    found = await audit.audit_page(loaders.scope, narrowed, request.first + 1, before)
    shown = found[: request.first]
    keys = [("", key_of(row.ref)) for row in shown]
    total = await audit.audit_count(loaders.scope, narrowed)
    return Page(shown, keys, has_next=len(found) > len(shown), has_previous=before is not None, total=total)


async def history(loaders: Loaders, ref: Ref, request: PageRequest) -> Page[rows.AuditEntry]:
    """What happened to one object; always empty for one that Canvas manages (P-17, P-38)."""
    if not isinstance(ref, NativeRef):
        return Page([], [], has_next=False, has_previous=False, total=0)
    of_object = AuditFilter(object_type=ref.type_name, object_key=":".join(ref.parts[1:]))
    return await audit_page(loaders, of_object, request)


async def entry(loaders: Loaders, id: int) -> rows.AuditEntry | None:
    """One entry in scope."""
    return next(iter(await audit.audit_entries_by_ids(loaders.scope, [id])), None)


def _id_of(request: PageRequest) -> int:
    name, _, id = (request.after or ("", ""))[1].partition(":native:")
    try:
        if name == AuditEntryRef.type_name:
            return number(id)
    except ValueError:
        pass
    raise BadIdError("This is not a cursor of this list.")
