"""The rows a Canvas holds, as plain mutable structs. Times are `YYYY-MM-DDTHH:MM:SSZ` text, which sorts as time does."""

from __future__ import annotations

from typing import Any

import msgspec

DELETED = "deleted"


class Account(msgspec.Struct, kw_only=True):
    id: int
    name: str
    parent_id: int | None
    time_zone: str
    sis_id: str | None = None


class Term(msgspec.Struct, kw_only=True):
    id: int
    name: str
    start_at: str | None
    end_at: str | None
    created_at: str
    sis_id: str | None = None


class User(msgspec.Struct, kw_only=True):
    id: int
    name: str
    sortable_name: str
    short_name: str
    created_at: str
    email: str | None = None
    time_zone: str = "America/Chicago"
    state: str = "registered"
    merged_into: int | None = None


class Login(msgspec.Struct, kw_only=True):
    id: int
    user_id: int
    account_id: int
    unique_id: str
    created_at: str
    sis_user_id: str | None = None
    integration_id: str | None = None
    provider_id: int | None = None
    declared_user_type: str | None = None
    state: str = "active"


class Provider(msgspec.Struct, kw_only=True):
    id: int
    auth_type: str
    position: int
    settings: dict[str, Any]
    state: str = "active"


class Course(msgspec.Struct, kw_only=True):
    id: int
    name: str
    course_code: str
    account_id: int
    term_id: int
    state: str
    start_at: str | None
    end_at: str | None
    time_zone: str
    created_at: str
    updated_at: str
    sis_id: str | None = None
    restrict_dates: bool = False
    nickname: str | None = None
    readable: bool = True


class Section(msgspec.Struct, kw_only=True):
    id: int
    course_id: int
    name: str
    created_at: str
    sis_id: str | None = None
    state: str = "active"


class Enrollment(msgspec.Struct, kw_only=True):
    id: int
    course_id: int
    section_id: int
    user_id: int
    type: str
    state: str
    created_at: str
    updated_at: str
    start_at: str | None = None
    end_at: str | None = None
    last_activity_at: str | None = None
    associated_user_id: int | None = None
    total_activity_time: int = 0
    current_score: float | None = None
    final_score: float | None = None


class Category(msgspec.Struct, kw_only=True):
    id: int
    course_id: int
    name: str
    created_at: str
    role: str | None = None
    self_signup: str | None = None
    self_signup_end_at: str | None = None
    group_limit: int | None = None
    auto_leader: str | None = None
    non_collaborative: bool = False
    sis_id: str | None = None
    state: str = "active"

    @property
    def protected(self) -> bool:
        return self.role in {"student_organized", "imported", "communities"}

    @property
    def many(self) -> bool:
        """Whether one person may be in several of its groups."""
        return self.role == "student_organized" or self.non_collaborative


class Group(msgspec.Struct, kw_only=True):
    id: int
    category_id: int
    course_id: int
    name: str
    created_at: str
    updated_at: str
    description: str | None = None
    join_level: str = "invitation_only"
    is_public: bool = False
    max_membership: int | None = None
    leader_id: int | None = None
    sis_id: str | None = None
    state: str = "available"


class Membership(msgspec.Struct, kw_only=True):
    id: int
    group_id: int
    user_id: int
    created_at: str
    updated_at: str
    state: str = "accepted"
    moderator: bool = False


class Event(msgspec.Struct, kw_only=True):
    id: int
    title: str
    context_code: str
    start_at: str | None
    end_at: str | None
    created_at: str
    updated_at: str
    all_day: bool = False
    all_day_date: str | None = None
    description: str | None = None
    location_name: str | None = None
    location_address: str | None = None
    parent_id: int | None = None
    series_uuid: str | None = None
    rrule: str | None = None
    series_head: bool = False
    blackout_date: bool = False
    state: str = "active"


class Progress(msgspec.Struct, kw_only=True):
    id: int
    context_id: int
    context_type: str
    tag: str
    created_at: str
    updated_at: str
    state: str = "queued"
    completion: float | None = None
    message: str | None = None
    polls: int = 0


class Report(msgspec.Struct, kw_only=True):
    id: int
    parameters: dict[str, str]
    created_at: str
    state: str = "created"
    polls: int = 0
    file: bytes = b""
    filename: str = ""
    content_type: str = ""
