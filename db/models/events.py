from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.classes import SchoolClass
from db.models.columns import UniqueIndex
from db.models.rooms import Room
from db.models.users import User
from domain.enums import AttendanceMark


class ClassEvent(Model):
    """A session of a class, or a series of them.

    `starts_at` is the first start; `rule` (RFC 5545, without `RRULE:`) repeats its wall clock in `time_zone`.
    No occurrence ends after `ends_at`; null for a rule that goes on.
    """

    id = fields.IntField(primary_key=True)
    school_class: fields.ForeignKeyRelation[SchoolClass] = fields.ForeignKeyField(
        "homeroom.SchoolClass", related_name="events", on_delete=fields.RESTRICT, db_index=True
    )
    title = fields.CharField(max_length=255, null=True)
    starts_at = fields.DatetimeField(db_index=True)
    time_zone = fields.CharField(max_length=64)
    seconds = fields.IntField()
    rule = fields.CharField(max_length=500, null=True)
    ends_at = fields.DatetimeField(null=True, db_index=True)
    room: fields.ForeignKeyNullableRelation[Room] = fields.ForeignKeyField(
        "homeroom.Room", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    instructor: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    created_at = fields.DatetimeField(auto_now_add=True)

    school_class_id: int
    room_id: int | None
    instructor_id: int | None

    class Meta:
        table = "class_event"


class EventOverride(Model):
    """What became of one occurrence, named by its wall-clock start as the rule gives it (`20260302T150000`).

    Without `moved_to` it is cancelled; with it, it was moved there, and `cancelled` says that it is off there too.
    """

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[ClassEvent] = fields.ForeignKeyField(
        "homeroom.ClassEvent", related_name="overrides", on_delete=fields.CASCADE
    )
    occurrence = fields.CharField(max_length=15)
    cancelled = fields.BooleanField(default=True)
    moved_to = fields.DatetimeField(null=True, db_index=True)
    seconds = fields.IntField(null=True)
    room: fields.ForeignKeyNullableRelation[Room] = fields.ForeignKeyField(
        "homeroom.Room", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    reason = fields.TextField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    event_id: int
    room_id: int | None

    class Meta:
        table = "event_override"

    unique_indexes: ClassVar = (UniqueIndex("event_override_once", ("event_id", "occurrence")),)


class AttendanceRecord(Model):
    """Whether one person was at one session. `occurrence` is that of the event's id; `held_at` when it began."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[ClassEvent] = fields.ForeignKeyField(
        "homeroom.ClassEvent", related_name="attendance", on_delete=fields.RESTRICT
    )
    occurrence = fields.CharField(max_length=16)
    held_at = fields.DatetimeField()
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name="attendance", on_delete=fields.RESTRICT, db_index=True
    )
    mark = fields.CharEnumField(AttendanceMark, description="", max_length=32)
    minutes = fields.IntField(null=True)
    note = fields.TextField(null=True)
    recorded_at: datetime = fields.DatetimeField()
    recorded_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )

    event_id: int
    user_id: int
    recorded_by_id: int | None

    class Meta:
        table = "attendance_record"

    unique_indexes: ClassVar = (UniqueIndex("attendance_once", ("event_id", "occurrence", "user_id")),)
