from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField, UniqueIndex
from db.models.facilities import Facility


class Room(Model):
    """A room of one facility. A deleted one keeps its row for the events held there and gives its name free."""

    id = fields.IntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="rooms", on_delete=fields.RESTRICT, db_index=True
    )
    name = fields.CharField(max_length=255)
    sort_key = SortKeyField()
    capacity = fields.IntField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    deleted_at = fields.DatetimeField(null=True)

    facility_id: int

    class Meta:
        table = "room"

    unique_indexes: ClassVar = (UniqueIndex("room_live_name", ("facility_id", "sort_key"), "deleted_at IS NULL"),)


class Holiday(Model):
    """Days, both inclusive, on which a facility holds no sessions."""

    id = fields.IntField(primary_key=True)
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="holidays", on_delete=fields.RESTRICT, db_index=True
    )
    name = fields.CharField(max_length=255)
    first_day = fields.DateField()
    last_day = fields.DateField()
    created_at = fields.DatetimeField(auto_now_add=True)

    facility_id: int

    class Meta:
        table = "holiday"
