"""Which of our media types a client takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Accept:
    """`answer` is the type for one answer (None: none of ours is taken); `html`: a browser's own navigation."""

    answer: str | None
    events: bool
    html: bool


@lru_cache(maxsize=512)
def accepted(header: str | None) -> Accept:
    """Read an Accept header. Absent, and where only a wildcard matches, it means application/json."""
    if not header or not header.strip():
        return Accept(JSON, events=False, html=False)
    weights = dict(_entry(part) for part in header.split(",") if part.strip())
    wildcard = weights.get("application/*", weights.get("*/*", 0.0))
    graphql, json = weights.get(GRAPHQL, 0.0), weights.get(JSON, wildcard)
    answer = None
    if max(graphql, json) > 0:
        answer = GRAPHQL if graphql >= json else JSON
    html = weights.get(HTML, 0.0)
    return Accept(answer, events=weights.get(EVENTS, 0.0) > 0, html=html > 0 and html > max(graphql, json, 0.0))


def _entry(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.lower().split(";"))
    weight = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0
