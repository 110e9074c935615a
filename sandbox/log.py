"""Every request this Canvas was asked, exactly, and how many ran at once."""

from __future__ import annotations

import re
from collections import Counter

import msgspec


class Entry(msgspec.Struct, kw_only=True):
    method: str
    path: str
    query: str
    token: str | None = None
    user_agent: str | None = None
    status: int | None = None
    operation: str | None = None
    variables: dict[str, object] | None = None
    body: str = ""


class RequestLog:
    """Entries in order of arrival; `/_control` calls are not in it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.graphql_in_flight = 0
        self.max_graphql_in_flight = 0

    def begin(self, entry: Entry) -> None:
        """Note a request at its arrival."""
        self.entries.append(entry)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self.graphql_in_flight += entry.path == "/api/graphql"
        self.max_graphql_in_flight = max(self.max_graphql_in_flight, self.graphql_in_flight)

    def end(self, entry: Entry) -> None:
        """Note that its answer is out."""
        self.in_flight -= 1
        self.graphql_in_flight -= entry.path == "/api/graphql"

    def calls(self) -> list[tuple[str, str, str]]:
        """`(method, path, query)` of each request, the query as it was sent."""
        return [(entry.method, entry.path, entry.query) for entry in self.entries]

    def count(self, pattern: str = "", method: str = "") -> int:
        """How many requests have a path the pattern is found in."""
        return sum(1 for entry in self.entries if method in {"", entry.method} and re.search(pattern, entry.path))

    def counts(self) -> dict[str, int]:
        """How many requests each `METHOD /path` with its numbers written as `:id` had."""
        return dict(
            Counter(f"{entry.method} {re.sub(r'(?<=/)[0-9~]+(?=/|$)', ':id', entry.path)}" for entry in self.entries)
        )

    def reset(self) -> None:
        """Forget what was asked; what is still running stays counted."""
        self.entries = []
        self.max_in_flight = self.in_flight
        self.max_graphql_in_flight = self.graphql_in_flight
