"""Documents of every shape, made up: each is answered exactly when it is within all limits (§4.9)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graph.toy import GRAPHQL, client, endpoint

APP = endpoint()
LIMITS = {"DEPTH_LIMIT": 12, "ALIAS_LIMIT": 20, "ROOT_FIELD_LIMIT": 10, "DIRECTIVE_LIMIT": 20}


@dataclass(frozen=True)
class Made:
    """What a document was made to have, and the document."""

    sizes: dict[str, int]
    text: str


@st.composite
def documents(draw: st.DrawFn) -> Made:
    """One deep field among plain ones; aliases and directives inside it; parts of it behind fragments."""
    depth = draw(st.integers(2, 16))
    aliases, directives, roots = draw(st.integers(0, 26)), draw(st.integers(0, 26)), draw(st.integers(1, 13))
    leaves = [f"a{number}: id" for number in range(aliases)] or ["id"]
    leaves += ["id @include(if: true)"] * directives
    inner, fragments = " ".join(leaves), ""
    cuts = draw(st.sets(st.integers(2, depth - 1), max_size=3)) if depth > 2 else set()
    for level in range(2, depth):
        inner = f"itself {{ {inner} }}"
        if level in cuts:
            fragments += f" fragment F{level} on Thing {{ {inner} }}"
            inner = f"...F{level}" if draw(st.booleans()) else f"...F{level} ... on Thing {{ id }}"
    others = " ".join(f"r{number}: text" for number in range(roots - 1))
    sizes = {
        "DEPTH_LIMIT": depth,
        "ALIAS_LIMIT": aliases + roots - 1,
        "ROOT_FIELD_LIMIT": roots,
        "DIRECTIVE_LIMIT": directives,
    }
    return Made(sizes, f"{{ all {{ {inner} }} {others} }}{fragments}")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_a_made_up_document_runs_exactly_when_it_is_within_every_limit(made: Made) -> None:
    async def ask() -> tuple[int, dict[str, object]]:
        async with client(APP, accept=GRAPHQL) as http:
            reply = await http.post("/graphql", json={"query": made.text})
            return reply.status_code, reply.json()

    status, told = asyncio.run(ask())
    over = {code for code, size in made.sizes.items() if size > LIMITS[code]}
    codes = {error["extensions"]["code"] for error in told.get("errors", [])}  # type: ignore[attr-defined]
    assert (status, "data" in told) == ((400, False) if over else (200, True))
    assert bool(codes) == bool(over)
    assert codes <= over
