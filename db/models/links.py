from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import UniqueIndex
from db.models.matching import MatchApplication
from db.models.providers import Provider
from db.models.users import User
from domain.enums import CanvasAccountState, LoginState


class ProviderLink(Model):
    """One of our people and a Canvas account. Live while `unlinked_at` is null; never deleted.

    `canvas_state` is what Canvas last said of the account, MERGED into `merged_into_id`. `application` is the step that made
    the link together with others, `made_person` whether it also made the person.
    """

    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name="links", on_delete=fields.RESTRICT, db_index=True
    )
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name="links", on_delete=fields.RESTRICT, db_index=True
    )
    external_user_id = fields.CharField(max_length=64)
    external_username = fields.CharField(max_length=255, null=True)
    canvas_name = fields.CharField(max_length=255, null=True)
    canvas_name_at = fields.DatetimeField(null=True)
    canvas_state = fields.CharEnumField(
        CanvasAccountState, description="", max_length=16, default=CanvasAccountState.PRESENT
    )
    merged_into_id = fields.CharField(max_length=64, null=True)
    login_state = fields.CharEnumField(LoginState, description="", max_length=32, default=LoginState.NONE)
    linked_at = fields.DatetimeField(auto_now_add=True)
    linked_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    unlinked_at = fields.DatetimeField(null=True)
    unlinked_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "homeroom.User", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    undo_until = fields.DatetimeField(null=True)
    application: fields.ForeignKeyNullableRelation[MatchApplication] = fields.ForeignKeyField(
        "homeroom.MatchApplication", related_name="links", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    made_person = fields.BooleanField(default=False)

    user_id: int
    provider_id: int
    linked_by_id: int | None
    unlinked_by_id: int | None
    application_id: int | None

    class Meta:
        table = "provider_link"

    unique_indexes: ClassVar = (
        UniqueIndex("provider_link_live_user", ("provider_id", "user_id"), "unlinked_at IS NULL"),
        UniqueIndex("provider_link_live_external", ("provider_id", "external_user_id"), "unlinked_at IS NULL"),
    )
