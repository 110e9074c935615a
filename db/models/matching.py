from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import UniqueIndex
from db.models.providers import Provider
from db.models.users import User
from domain.enums import MatchDecision, MatchPolicy


class MatchDraft(Model):
    """What somebody decided about a pair: CONFIRMED waits to be applied, REJECTED is never suggested again.

    It belongs to the facility of its person. A side has one CONFIRMED draft at most.
    """

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name=False, on_delete=fields.RESTRICT
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    canvas_user_id = fields.CharField(max_length=64)
    decision = fields.CharEnumField(MatchDecision, description="", max_length=32)
    decided_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_at = fields.DatetimeField()

    provider_id: int
    user_id: int
    decided_by_id: int | None

    class Meta:
        table = "match_draft"

    unique_indexes: ClassVar = (
        UniqueIndex("match_draft_pair", ("provider_id", "canvas_user_id", "user_id")),
        UniqueIndex("match_draft_account", ("provider_id", "canvas_user_id"), "decision = 'CONFIRMED'"),
        UniqueIndex("match_draft_user", ("provider_id", "user_id"), "decision = 'CONFIRMED'"),
    )


class MatchReport(Model):
    """A report that took long to make, kept while its `fingerprint` is that of both rosters.

    `facility_id` is 0 for the report over all facilities; `payload` is what `services.match_store` packs.
    """

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name=False, on_delete=fields.CASCADE
    )
    facility_id = fields.IntField(default=0)
    policy = fields.CharEnumField(MatchPolicy, description="", max_length=32)
    fingerprint = fields.CharField(max_length=64)
    computed_at = fields.DatetimeField()
    payload = fields.BinaryField()

    provider_id: int

    class Meta:
        table = "match_report"

    unique_indexes: ClassVar = (UniqueIndex("match_report_once", ("provider_id", "facility_id", "policy")),)


class MatchApplication(Model):
    """Links that were made in one step and can be undone in one step, for 30 days."""

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name=False, on_delete=fields.RESTRICT, db_index=True
    )
    facility_id = fields.IntField(null=True)
    applied_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    applied_at = fields.DatetimeField()
    undone_at = fields.DatetimeField(null=True)

    provider_id: int
    applied_by_id: int | None

    class Meta:
        table = "match_application"
