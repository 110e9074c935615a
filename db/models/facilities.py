from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField, UniqueIndex


class Facility(Model):
    """A place of the organisation. `time_zone` is an IANA name."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=255)
    sort_key = SortKeyField()
    time_zone = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "facility"

    unique_indexes: ClassVar = (UniqueIndex("facility_name", ("sort_key",)),)
