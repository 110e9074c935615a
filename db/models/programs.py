from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField, UniqueIndex
from db.models.facilities import Facility


class Program(Model):
    """What the organisation teaches. Archived ones keep their rows and give their name free."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=255)
    sort_key = SortKeyField(db_index=True)
    description = fields.TextField(null=True)
    is_active = fields.BooleanField(default=True)
    types: fields.JSONField[list[str]] = fields.JSONField(default=list)
    credit_types: fields.JSONField[list[str]] = fields.JSONField(default=list)
    funding_type = fields.CharField(max_length=255, null=True)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "program"

    unique_indexes: ClassVar = (UniqueIndex("program_live_name", ("sort_key",), "archived_at IS NULL"),)


class ProgramFacility(Model):
    """A facility that offers a program."""

    id = fields.IntField(primary_key=True)
    program: fields.ForeignKeyRelation[Program] = fields.ForeignKeyField(
        "homeroom.Program", related_name="offers", on_delete=fields.RESTRICT
    )
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="offers", on_delete=fields.RESTRICT, db_index=True
    )

    program_id: int
    facility_id: int

    class Meta:
        table = "program_facility"

    unique_indexes: ClassVar = (UniqueIndex("program_facility_once", ("program_id", "facility_id")),)
