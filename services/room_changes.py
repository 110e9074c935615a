"""Rooms and holidays of a facility: made, changed and taken away by its admins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, TypedDict

from db.models import Holiday, Room
from db.transactions import lock
from domain.enums import Role
from domain.names import fold
from domain.problems import InvalidInput, NameTaken, NotFound
from domain.refs import FacilityRef, HolidayRef, RoomRef
from services import audit, text
from services.access import require_facility, require_role
from services.operation import Operation
from services.writing import writing

TAKEN = NameTaken("There is already a room with that name at this facility.", ["name"])


class RoomFields(TypedDict, total=False):
    """What a room says of itself. What is left out stays as it is."""

    name: str | None
    capacity: int | None


class HolidayFields(TypedDict, total=False):
    """What a holiday says of itself. What is left out stays as it is."""

    name: str | None
    first_day: date | None
    last_day: date | None


ROOM: dict[str, text.Rule] = {"name": text.name, "capacity": partial(text.between, least=1, most=100_000)}
HOLIDAY: dict[str, text.Rule] = {"name": text.name, "first_day": text.given, "last_day": text.given}


async def create_room(op: Operation, facility_id: int, fields: RoomFields) -> RoomRef:
    """Errors: NotAllowed for students; NotFound for a facility out of scope; InvalidInput; NameTaken."""
    _require(op, facility_id, "rooms")
    values = text.checked({"name": "", **fields}, ROOM)
    async with writing(op, room_live_name=TAKEN):
        row = await Room.create(facility_id=facility_id, sort_key=fold(values["name"]), **values)
        await _record(op, "createRoom", facility_id, None, values | {"id": row.id})
    return RoomRef(row.id)


async def update_room(op: Operation, ref: RoomRef, fields: RoomFields) -> RoomRef:
    """Errors: as `create_room`."""
    values = text.checked(fields, ROOM)
    async with writing(op, room_live_name=TAKEN):
        row = await _room(op, ref)
        before, after = audit.changes({name: getattr(row, name) for name in ROOM}, values)
        await row.update_from_dict({**values, "sort_key": fold(values.get("name", row.name))}).save()
        await _record(op, "updateRoom", row.facility_id, before | {"id": row.id}, after)
    return ref


async def delete_room(op: Operation, ref: RoomRef) -> FacilityRef:
    """Take a room away: it can no longer be chosen, and the sessions in it keep its name. The answer is its facility.

    Errors: NotAllowed for students; NotFound.
    """
    async with writing(op):
        row = await _room(op, ref)
        row.deleted_at = op.now()
        await row.save(update_fields=["deleted_at"])
        await _record(op, "deleteRoom", row.facility_id, {"id": row.id, "name": row.name}, None)
    return FacilityRef(row.facility_id)


async def create_holiday(op: Operation, facility_id: int, fields: HolidayFields) -> HolidayRef:
    """Errors: NotAllowed for students; NotFound for a facility out of scope; InvalidInput."""
    _require(op, facility_id, "holidays")
    values = text.checked({"name": "", "first_day": None, "last_day": fields.get("first_day"), **fields}, HOLIDAY)
    _require_order(values["first_day"], values["last_day"])
    async with writing(op):
        row = await Holiday.create(facility_id=facility_id, **values)
        await _record(op, "createHoliday", facility_id, None, values | {"id": row.id})
    return HolidayRef(row.id)


async def update_holiday(op: Operation, ref: HolidayRef, fields: HolidayFields) -> HolidayRef:
    """Errors: as `create_holiday`."""
    values = text.checked(fields, HOLIDAY)
    async with writing(op):
        row = await _holiday(op, ref)
        before, after = audit.changes({name: getattr(row, name) for name in HOLIDAY}, values)
        row.update_from_dict(values)
        _require_order(row.first_day, row.last_day)
        await row.save()
        await _record(op, "updateHoliday", row.facility_id, before | {"id": row.id}, after)
    return ref


async def delete_holiday(op: Operation, ref: HolidayRef) -> FacilityRef:
    """Take a holiday away: its sessions are on again. The answer is its facility.

    Errors: NotAllowed for students; NotFound.
    """
    async with writing(op):
        row = await _holiday(op, ref)
        await row.delete()
        await _record(op, "deleteHoliday", row.facility_id, {"id": ref.id, "name": row.name}, None)
    return FacilityRef(row.facility_id)


def _require(op: Operation, facility_id: int, what: str) -> None:
    require_role(op.scope, Role.FACILITY_ADMIN, f"manage {what}")
    require_facility(op.scope, facility_id, "facilityId")


async def _room(op: Operation, ref: RoomRef) -> Room:
    require_role(op.scope, Role.FACILITY_ADMIN, "manage rooms")
    row = await lock(Room.filter(id=ref.id, deleted_at=None)).first()
    if row is None or not op.scope.covers_facility(row.facility_id):
        raise NotFound("There is no such room.", ["id"])
    return row


async def _holiday(op: Operation, ref: HolidayRef) -> Holiday:
    require_role(op.scope, Role.FACILITY_ADMIN, "manage holidays")
    row = await lock(Holiday.filter(id=ref.id)).first()
    if row is None or not op.scope.covers_facility(row.facility_id):
        raise NotFound("There is no such holiday.", ["id"])
    return row


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise InvalidInput("The last day comes before the first.", ["lastDay"])


async def _record(
    op: Operation, action: str, facility_id: int, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    shown = [audit.changes({}, one)[1] if one is not None else None for one in (before, after)]
    await audit.record(op, action, FacilityRef(facility_id), facility_id, *shown)
