from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField, UniqueIndex
from db.models.facilities import Facility
from domain.enums import Role


class User(Model):
    """One of the organisation's people, admins included. `username_key` is the casefolded user name.

    `doc_id` is the organisation's own number of a person. A person with `deactivated_at` is in no list and no count.
    """

    id = fields.IntField(primary_key=True)
    username = fields.CharField(max_length=255)
    username_key = SortKeyField()
    first_name = fields.CharField(max_length=255)
    last_name = fields.CharField(max_length=255)
    sort_key = SortKeyField(db_index=True)
    email = fields.CharField(max_length=320, null=True)
    doc_id = fields.CharField(max_length=255, null=True)
    role = fields.CharEnumField(Role, description="", max_length=32)
    facility: fields.ForeignKeyNullableRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="users", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    deactivated_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    facility_id: int | None

    class Meta:
        table = "user_account"

    unique_indexes: ClassVar = (
        UniqueIndex("user_username", ("username_key",)),
        UniqueIndex("user_doc_id", ("doc_id",), "doc_id IS NOT NULL"),
    )
