from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Fact(Model):
    """What Canvas last told us under one cache key, kept over restarts."""

    key = fields.CharField(max_length=200, primary_key=True)
    provider_id = fields.IntField(db_index=True)
    kind = fields.CharField(max_length=32)
    payload = fields.BinaryField()
    fetched_at = fields.DatetimeField()

    class Meta:
        table = "fact"
