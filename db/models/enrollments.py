from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.classes import SchoolClass
from db.models.columns import UniqueIndex
from db.models.users import User
from domain.enums import EnrollmentStatus


class Enrollment(Model):
    """One person's time in one class. At most one of them is ENROLLED."""

    id = fields.IntField(primary_key=True)
    school_class: fields.ForeignKeyRelation[SchoolClass] = fields.ForeignKeyField(
        "homeroom.SchoolClass", related_name="enrollments", on_delete=fields.RESTRICT, db_index=True
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name="enrollments", on_delete=fields.RESTRICT, db_index=True
    )
    status = fields.CharEnumField(EnrollmentStatus, description="", max_length=32, default=EnrollmentStatus.ENROLLED)
    enrolled_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    school_class_id: int
    user_id: int

    class Meta:
        table = "enrollment"

    unique_indexes: ClassVar = (UniqueIndex("enrollment_live", ("school_class_id", "user_id"), "status = 'ENROLLED'"),)


class EnrollmentChange(Model):
    """One step in the history of an enrolment. `from_status` is null for the first."""

    id = fields.IntField(primary_key=True)
    enrollment: fields.ForeignKeyRelation[Enrollment] = fields.ForeignKeyField(
        "homeroom.Enrollment", related_name="changes", on_delete=fields.RESTRICT, db_index=True
    )
    from_status = fields.CharEnumField(EnrollmentStatus, description="", max_length=32, null=True)
    to_status = fields.CharEnumField(EnrollmentStatus, description="", max_length=32)
    at = fields.DatetimeField(auto_now_add=True)
    by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    reason = fields.TextField(null=True)

    enrollment_id: int
    by_id: int | None

    class Meta:
        table = "enrollment_change"
