from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from db.models.users import User


class AuditEntry(Model):
    """Who did what to which object. `actor` is null for background work; `object_key` is the object's key as text."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField(auto_now_add=True, db_index=True)
    actor: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    facility_id = fields.IntField(null=True, db_index=True)
    action = fields.CharField(max_length=64)
    object_type = fields.CharField(max_length=64)
    object_key = fields.CharField(max_length=255)
    before: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    after: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    request_id = fields.CharField(max_length=64, null=True)
    address = fields.CharField(max_length=64, null=True)

    actor_id: int | None

    class Meta:
        table = "audit_entry"
        indexes = (("object_type", "object_key"),)
