"""What this Canvas does and refuses; every field may be changed while it runs (`POST /_control/behaviour`)."""

from __future__ import annotations

from typing import Literal

import msgspec

DEFAULT_TOKEN = "sandbox-token"

FaultKind = Literal["status", "throttle", "html", "half", "hang", "dead", "slow", "lost", "foreign_next", "body"]


class Fault(msgspec.Struct, kw_only=True):
    """A scripted answer for requests it matches.

    kind:  status (`status` with a Canvas error body), throttle (the refused answer), html (a proxy's page with
           `status`), half (the answer cut in the middle), hang (no answer until the client leaves), dead (the connection
           ends at once), slow (`seconds` later than usual), lost (carried out, but the connection ends before the
           answer), foreign_next (the `next` link leads to `host`), body (`status` with `body` as it is).
    path:  regular expression, searched in the path; `method` "" is any; `contains` is searched in the body's text.
    skip:  how many matches pass first; `times`: how many are then hit, None for all.
    """

    kind: FaultKind = "status"
    path: str = "^/api/"
    method: str = ""
    contains: str = ""
    status: int = 500
    body: str = ""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = {}
    host: str = "elsewhere.example"
    seconds: float = 1.0
    skip: int = 0
    times: int | None = None


class Behaviour(msgspec.Struct, kw_only=True):
    """The switches.

    tokens:          access token to the id of the user it acts for.
    denied_rights:   rights (see `rights.py`) the service user has nowhere.
    denied_courses:  course id (as text) to rights it lacks there; "*" is all, reading the course included.
    progress_polls:  how often a Progress is read before its work is done; 0 does it at once.
    """

    forbidden_status: Literal[403, 401] = 403
    throttle_status: Literal[429, 403] = 429
    header_case: Literal["title", "lower"] = "title"
    calendar_contexts_limit: int | None = None
    has_graphql: bool = True
    has_graphql_courses: bool = True
    analytics_installed: bool = True
    page_views: bool = True
    require_user_agent: bool = True
    max_per_page: int = 100
    latency_ms: float = 0.0
    throttling: bool = True
    throttle_hwm: float = 600.0
    throttle_outflow: float = 10.0
    throttle_up_front: float = 50.0
    tokens: dict[str, int] = msgspec.field(default_factory=lambda: {DEFAULT_TOKEN: 7})
    revoked_tokens: list[str] = []
    expired_tokens: list[str] = []
    denied_rights: list[str] = []
    denied_courses: dict[str, list[str]] = {}
    progress_polls: int = 2
    link_base: str | None = None
    faults: list[Fault] = []

    def change(self, changes: dict[str, object]) -> None:
        """Set the named switches, converting and checking each; unknown names raise `msgspec.ValidationError`."""
        for name in changes:
            if name not in self.__struct_fields__:
                raise msgspec.ValidationError(f"no switch is called {name}")
        merged = msgspec.convert({**msgspec.to_builtins(self), **changes}, Behaviour)
        for name in changes:
            setattr(self, name, getattr(merged, name))

    def deny(self, course_id: int, *rights: str) -> None:
        """Take rights in one course away; with none named, all of them."""
        self.denied_courses[str(course_id)] = list(rights) or ["*"]
