from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import UniqueIndex
from db.models.users import User


class AccessEntry(Model):
    """That a student's data was shown to somebody, once per operation and hour, however often it was.

    `hour` is its beginning; `document` the hash of the operation's document, `operation` its name or empty.
    """

    id = fields.BigIntField(primary_key=True)
    student: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, on_delete=fields.RESTRICT, db_index=True
    )
    viewer: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, on_delete=fields.RESTRICT
    )
    operation = fields.CharField(max_length=100, default="")
    document = fields.CharField(max_length=12)
    hour = fields.DatetimeField(db_index=True)

    student_id: int
    viewer_id: int

    class Meta:
        table = "access_entry"

    unique_indexes: ClassVar = (
        UniqueIndex("access_entry_once", ("student_id", "viewer_id", "operation", "document", "hour")),
    )
