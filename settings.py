"""What an operator may set: every `HOMEROOM_…` variable, read once when the process starts."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Defaults are those of a single process on SQLite with nothing else installed."""

    model_config = SettingsConfigDict(env_prefix="HOMEROOM_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field("sqlite://homeroom.sqlite3", description="sqlite://FILE or postgres://…")
    redis_url: str | None = Field(None, description="Cache, locks, pub/sub and job broker of several processes.")
    secret_key: SecretStr | None = Field(None, description="32 random bytes, url-safe base64; several, newest first.")

    auth_jwks_url: str | None = Field(None, description="An OIDC issuer's key set.")
    auth_secret: SecretStr | None = Field(None, description="A secret shared with the issuer of the tokens (HS256).")
    auth_issuer: str | None = Field(None, description="Expected `iss`.")
    auth_audience: str | None = Field(None, description="Expected `aud`.")
    auth_subject: Literal["username", "id", "doc_id", "email"] = Field(
        "username", description="Which column of ours the token's `sub` names."
    )

    canvas_allow_networks: str = Field("", description="CIDRs of private networks where a Canvas may stand.")
    canvas_concurrency: int = Field(6, ge=1, le=11, description="Requests in flight per access key.")
    canvas_ca_file: str | None = Field(None, description="A private certificate authority, as a PEM file.")
    canvas_proxy: str | None = Field(None, description="An egress proxy, which then does the address check.")
    fresh_seconds: float = Field(300, ge=0, description="How long a Canvas fact is FRESH.")
    stale_seconds: float = Field(604_800, ge=0, description="How long after that it is still served, as STALE.")
    cold_wait_seconds: float = Field(2, ge=0, description="How long an answer waits for facts nobody has fetched yet.")
    failure_seconds: float = Field(15, ge=0, description="How long a failed fetch is not tried again.")

    nightly_hour: int = Field(2, ge=0, le=23, description="The hour of the day when nightly pulls begin.")
    nightly_time_zone: str = Field("UTC", description="Whose day: an IANA zone such as America/Chicago.")

    cors_origins: str = Field("", description="Frontends that may call from a browser, comma-separated.")
    students_see_team: bool = Field(default=False, description="Students may read the names of their team-mates.")
    public_url: str | None = Field(None, description="Where clients reach homeroom; calendar feeds name it.")
    public_introspection: bool = Field(
        default=True,
        description="Anonymous callers may read the schema. false: they are not told what is in it, whatever they guess.",
    )
    max_page: int = Field(100, ge=1, description="The largest `first` of a connection.")
    explorer: bool = Field(default=True, description="Serve GraphiQL at /graphql.")
    http_draft_status: bool = Field(
        default=False,
        description="Answer 422 and 294 as the 2026-08 draft of GraphQL over HTTP does, instead of 400 and 200.",
    )
    response_seconds: float = Field(10, ge=0, description="How old a remembered answer may be; 0: none is remembered.")
    response_bytes: int = Field(67_108_864, ge=0, description="How much of them a process remembers.")
    cost_extension: bool = Field(default=True, description="Answers carry `extensions.cost`.")
    limits: Literal["enforce", "warn"] = Field("enforce", description="warn: over a limit is logged, not refused.")
    max_body_bytes: int = Field(262_144, ge=1, description="The largest request body.")
    max_document_bytes: int = Field(262_144, ge=1, description="The largest GraphQL document.")
    max_tokens: int = Field(2_000, ge=1, description="Lexical tokens of a document.")
    max_depth: int = Field(12, ge=1, description="Fields inside fields; introspection apart.")
    max_aliases: int = Field(20, ge=0, description="Aliases of an operation, fragments unfolded.")
    max_root_fields: int = Field(10, ge=1, description="Root fields of a query.")
    max_root_mutations: int = Field(5, ge=1, description="Root fields of a mutation.")
    max_directives: int = Field(20, ge=0, description="Directives of a document.")
    max_validation_errors: int = Field(10, ge=1, description="Validation errors told at once.")
    max_cost: int = Field(20_000, ge=1, description="Points one operation may cost, estimated before it runs.")
    max_nodes: int = Field(100_000, ge=1, description="Objects one operation may ask for, estimated likewise.")
    budget: int = Field(100_000, ge=1, description="Points a viewer may hold.")
    budget_restore: int = Field(2_000, ge=1, description="Points a viewer gets back each second.")
    query_seconds: float = Field(10, gt=0, description="Deadline of a query.")
    mutation_seconds: float = Field(30, gt=0, description="Deadline of a mutation.")
    trusted_documents: str | None = Field(None, description="A JSON file of documents by their sha256.")
    trusted_only: bool = Field(default=False, description="Run no document that is not in that file.")
    max_subscriptions: int = Field(20, ge=1, description="Operations at a time on one WebSocket.")
    connection_init_seconds: float = Field(10, gt=0, description="How long a WebSocket may stay silent at first.")
    max_upstream_calls: int = Field(50, ge=1, description="Answers of Canvas that one operation may itself wait for.")
    metrics_token: SecretStr | None = Field(None, description="Who bears it may read /metrics; without it, loopback.")
    traces: bool = Field(default=False, description="Send OpenTelemetry traces; needs the extra `otel`.")
    keep_audit_days: int = Field(2_555, ge=1, description="How long `homeroom prune` keeps the audit log and ledger.")
    keep_runs_days: int = Field(90, ge=1, description="How long it keeps finished runs and their issues.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    demo: bool = Field(default=False, description="Set by `homeroom demo`: the explorer offers the demo's tokens.")

    @field_validator("nightly_time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("there is no such time zone")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite://", "postgres://")):
            raise ValueError("It begins with sqlite:// or postgres://.")
        return value

    @field_validator("redis_url")
    @classmethod
    def _known_store(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("It begins with redis://, rediss:// or unix://.")
        return value

    @field_validator("canvas_allow_networks")
    @classmethod
    def _real_networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part, strict=False)
        return value

    @property
    def allowed_networks(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.canvas_allow_networks.split(",") if part.strip())

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.cors_origins.split(",") if part.strip())


@lru_cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings()
