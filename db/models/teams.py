from __future__ import annotations

from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.classes import SchoolClass
from db.models.columns import SortKeyField, UniqueIndex
from db.models.facilities import Facility
from db.models.providers import Provider
from db.models.runs import SyncRun
from db.models.users import User
from domain.enums import Source


class Team(Model):
    """People who work together, in a class or in none; NATIVE ones are made by hand and never touched by a pull.

    `class_key` is the class's key as text and `set_key` the Canvas group set's, both empty where there is none: keys of
    constraints are never null. `seen` is what the last pull or push saw in Canvas: Canvas user id to the person it was
    linked to then, or null; it is null before the first. `gone_at`: the group has vanished from Canvas.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100)
    sort_key = SortKeyField(db_index=True)
    description = fields.CharField(max_length=500, null=True)
    source = fields.CharEnumField(Source, description="", max_length=16, default=Source.NATIVE)
    class_key = fields.CharField(max_length=100, default="", db_index=True)
    set_key = fields.CharField(max_length=140, default="")
    school_class: fields.ForeignKeyNullableRelation[SchoolClass] = fields.ForeignKeyField(
        "homeroom.SchoolClass", related_name="teams", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    provider: fields.ForeignKeyNullableRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name="teams", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    course_id = fields.CharField(max_length=64, null=True)
    facility: fields.ForeignKeyNullableRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="teams", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    facility_key = fields.IntField(default=0)
    canvas_group_id = fields.CharField(max_length=64, null=True)
    canvas_set_id = fields.CharField(max_length=64, null=True)
    canvas_set_name = fields.CharField(max_length=255, null=True)
    seen: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    last_synced_at = fields.DatetimeField(null=True)
    gone_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    deleted_at = fields.DatetimeField(null=True)

    school_class_id: int | None
    provider_id: int | None
    facility_id: int | None

    class Meta:
        table = "team"

    unique_indexes: ClassVar = (
        UniqueIndex(
            "team_canvas_group",
            ("provider_id", "canvas_group_id"),
            "canvas_group_id IS NOT NULL AND deleted_at IS NULL",
        ),
        UniqueIndex(
            "team_live_name",
            ("class_key", "facility_key", "sort_key"),
            "source = 'NATIVE' AND deleted_at IS NULL",
        ),
    )


class TeamMembership(Model):
    """One person's time in one team, live while `until` is null; ended ones are the history.

    `source` is who put them in: CANVAS by a pull, NATIVE by hand. The keys are the team's: a person is in one team per
    class and group set at a time.
    """

    id = fields.IntField(primary_key=True)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "homeroom.Team", related_name="memberships", on_delete=fields.RESTRICT, db_index=True
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name="memberships", on_delete=fields.RESTRICT, db_index=True
    )
    class_key = fields.CharField(max_length=100, default="")
    set_key = fields.CharField(max_length=140, default="")
    source = fields.CharEnumField(Source, description="", max_length=16)
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)

    team_id: int
    user_id: int

    class Meta:
        table = "team_membership"

    unique_indexes: ClassVar = (
        UniqueIndex("team_membership_one", ("user_id", "class_key", "set_key"), "until IS NULL"),
    )


class PushPlan(Model):
    """What a push would do, worked out and kept until it is done or too old.

    `changes` is the list of changes per team with the Canvas groups they were worked out from; `undo_of` the run whose
    inverse it is. `applied_by_run_id` is set once a push has begun to carry it out.
    """

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name=False, on_delete=fields.RESTRICT
    )
    course_id = fields.CharField(max_length=64)
    requested_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    facility_id = fields.IntField(null=True)
    undo_of: fields.ForeignKeyNullableRelation[SyncRun] = fields.ForeignKeyField(
        "homeroom.SyncRun", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    changes: fields.JSONField[list[Any]] = fields.JSONField(default=list)
    brake = fields.TextField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    applied_by_run_id = fields.IntField(null=True)
    outcome: fields.JSONField[list[Any] | None] = fields.JSONField(null=True)

    provider_id: int
    requested_by_id: int | None
    undo_of_id: int | None

    class Meta:
        table = "push_plan"
