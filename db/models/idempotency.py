from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import UniqueIndex


class IdempotencyRecord(Model):
    """One mutation asked for under a client's key. `response` is null until it has been answered."""

    id = fields.IntField(primary_key=True)
    actor_id = fields.IntField()
    key = fields.CharField(max_length=255)
    mutation = fields.CharField(max_length=64)
    request_hash = fields.CharField(max_length=64)
    response = fields.BinaryField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True, db_index=True)

    class Meta:
        table = "idempotency_record"

    unique_indexes: ClassVar = (UniqueIndex("idempotency_key", ("actor_id", "key")),)
