from __future__ import annotations

from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.classes import SchoolClass
from db.models.columns import UniqueIndex
from db.models.providers import Provider
from db.models.users import User
from domain.enums import SyncKind, SyncState


class SyncRun(Model):
    """Long work, and the only truth about it: whoever holds the lease carries it out, and anybody may take up a lapsed one.

    Of unfinished runs with the same `alone_key` there is one. `lease_token` names the attempt that holds the lease.
    `scheduled_for` is the night of a scheduled run, of which there is one per provider and kind.
    """

    id = fields.IntField(primary_key=True)
    kind = fields.CharEnumField(SyncKind, description="", max_length=32)
    state = fields.CharEnumField(SyncState, description="", max_length=32, default=SyncState.QUEUED)
    alone_key = fields.CharField(max_length=200, null=True)
    scheduled_for = fields.DateField(null=True)
    provider: fields.ForeignKeyNullableRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name="runs", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    school_class: fields.ForeignKeyNullableRelation[SchoolClass] = fields.ForeignKeyField(
        "homeroom.SchoolClass", related_name="runs", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    course_id = fields.CharField(max_length=64, null=True)
    facility_id = fields.IntField(null=True, db_index=True)
    requested_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    parameters: fields.JSONField[dict[str, Any]] = fields.JSONField(default=dict)
    step = fields.CharField(max_length=64, null=True)
    current = fields.IntField(default=0)
    total = fields.IntField(null=True)
    message = fields.TextField(null=True)
    created = fields.IntField(default=0)
    updated = fields.IntField(default=0)
    removed = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    skipped = fields.IntField(default=0)
    attempts = fields.IntField(default=0)
    cancel_asked = fields.BooleanField(default=False)
    lease_token = fields.CharField(max_length=32, null=True)
    lease_until = fields.DatetimeField(null=True)
    heartbeat_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True, db_index=True)

    provider_id: int | None
    school_class_id: int | None
    requested_by_id: int | None

    class Meta:
        table = "sync_run"

    unique_indexes: ClassVar = (
        UniqueIndex("sync_run_alone", ("alone_key",), "finished_at IS NULL AND alone_key IS NOT NULL"),
        UniqueIndex("sync_run_night", ("provider_id", "kind", "scheduled_for"), "scheduled_for IS NOT NULL"),
    )


class SyncIssue(Model):
    """Something a run could not do. `code` is stable."""

    id = fields.IntField(primary_key=True)
    run: fields.ForeignKeyRelation[SyncRun] = fields.ForeignKeyField(
        "homeroom.SyncRun", related_name="issues", on_delete=fields.CASCADE, db_index=True
    )
    code = fields.CharField(max_length=64)
    message = fields.TextField()
    team_id = fields.IntField(null=True)
    course_id = fields.CharField(max_length=64, null=True)
    canvas_user_id = fields.CharField(max_length=64, null=True)
    at = fields.DatetimeField()

    run_id: int

    class Meta:
        table = "sync_issue"


class CanvasCourse(Model):
    """What runs know of a Canvas course: who works on it now, and whether its last pull found group sets.

    A lease is that of the run `lease_run_id`, over when `lease_until` has passed.
    """

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name=False, on_delete=fields.RESTRICT
    )
    course_id = fields.CharField(max_length=64)
    group_sets = fields.IntField(null=True)
    pulled_at = fields.DatetimeField(null=True)
    lease_run_id = fields.IntField(null=True, db_index=True)
    lease_until = fields.DatetimeField(null=True)

    provider_id: int

    class Meta:
        table = "canvas_course"

    unique_indexes: ClassVar = (UniqueIndex("canvas_course_once", ("provider_id", "course_id")),)
