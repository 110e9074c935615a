from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from db.models.facilities import Facility
from db.models.users import User


class CalendarFeed(Model):
    """A calendar that other programs may read without a token, of one person or one facility, until it is revoked.

    `nonce` is what its address is a signature of.
    """

    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    facility: fields.ForeignKeyNullableRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    nonce = fields.CharField(max_length=64)
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    revoked_at = fields.DatetimeField(null=True)

    user_id: int | None
    facility_id: int | None
    created_by_id: int | None

    class Meta:
        table = "calendar_feed"
