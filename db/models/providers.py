from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from db.models.columns import SortKeyField, UniqueIndex
from db.models.facilities import Facility
from domain.enums import MatchPolicy, ProviderKind, ProviderState


class Provider(Model):
    """A Canvas instance. The access key is sealed (AES-GCM) and never leaves the services.

    Where `facility_limited` it is on only at the facilities of its ProviderFacility rows, else everywhere.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=255)
    sort_key = SortKeyField()
    kind = fields.CharEnumField(ProviderKind, description="", max_length=32)
    state = fields.CharEnumField(ProviderState, description="", max_length=32, default=ProviderState.ENABLED)
    base_url = fields.CharField(max_length=2000)
    account_id = fields.CharField(max_length=64)
    sealed_access_key = fields.TextField(null=True)
    access_key_fingerprint = fields.CharField(max_length=64, null=True)
    match_policy = fields.CharEnumField(MatchPolicy, description="", max_length=32, default=MatchPolicy.SAFE)
    facility_limited = fields.BooleanField(default=False)
    nightly_sync = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "provider"

    unique_indexes: ClassVar = (UniqueIndex("provider_name", ("sort_key",)),)


class ProviderFacility(Model):
    """A facility where a `facility_limited` provider is switched on."""

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name="switched_on", on_delete=fields.RESTRICT
    )
    facility: fields.ForeignKeyRelation[Facility] = fields.ForeignKeyField(
        "homeroom.Facility", related_name="switched_on", on_delete=fields.RESTRICT, db_index=True
    )

    provider_id: int
    facility_id: int

    class Meta:
        table = "provider_facility"

    unique_indexes: ClassVar = (UniqueIndex("provider_facility_once", ("provider_id", "facility_id")),)


class OidcRegistration(Model):
    """A client of an identity provider registered with a Canvas. The one without `replaced_at` is in use.

    A replaced one stays in Canvas, and people go on signing in through it, until `removed_at`. `registration_url` and its
    sealed token are what the issuer gave to take the client back with (RFC 7592).
    """

    id = fields.IntField(primary_key=True)
    provider: fields.ForeignKeyRelation[Provider] = fields.ForeignKeyField(
        "homeroom.Provider", related_name="oidc_registrations", on_delete=fields.RESTRICT
    )
    client_id = fields.CharField(max_length=255)
    sealed_client_secret = fields.TextField()
    redirect_uris: fields.JSONField[list[str]] = fields.JSONField()
    scopes: fields.JSONField[list[str]] = fields.JSONField()
    canvas_provider_id = fields.CharField(max_length=64, null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    replaced_at = fields.DatetimeField(null=True)
    removed_at = fields.DatetimeField(null=True)
    registration_url = fields.TextField(null=True)
    sealed_registration_token = fields.TextField(null=True)

    provider_id: int

    class Meta:
        table = "oidc_registration"

    unique_indexes: ClassVar = (UniqueIndex("oidc_registration_live", ("provider_id",), "replaced_at IS NULL"),)
