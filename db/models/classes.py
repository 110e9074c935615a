from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField
from db.models.facilities import Facility
from db.models.programs import Program
from domain.enums import ClassStatus


class SchoolClass(Model):
    """A program taught at one facility. `instructors` are names; `start_date` and `end_date` are its own days."""

    id = fields.IntField(primary_key=True)
    program: fields.ForeignKeyRelation[Program] = fields.ForeignKeyField(
        "homeroom.Program", related_name="classes", on_delete=fields.RESTRICT, db_index=True
    )
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="classes", on_delete=fields.RESTRICT, db_index=True
    )
    name = fields.CharField(max_length=255)
    sort_key = SortKeyField(db_index=True)
    description = fields.TextField(null=True)
    status = fields.CharEnumField(ClassStatus, description="", max_length=32)
    start_date = fields.DateField(null=True)
    end_date = fields.DateField(null=True)
    capacity = fields.IntField(null=True)
    credit_hours = fields.FloatField(null=True)
    instructors: fields.JSONField[list[str]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField(auto_now_add=True)
    deleted_at = fields.DatetimeField(null=True)

    program_id: int
    facility_id: int

    class Meta:
        table = "class"
