"""What schemathesis is told of homeroom: how to make its scalars, and what an answer may never be."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies as st
from hypothesis_graphql import nodes

SCALARS = {
    "Date": st.dates().map(str).map(nodes.String),
    "DateTime": st.datetimes().map(lambda at: f"{at.isoformat()}Z").map(nodes.String),
    "Duration": st.sampled_from(["PT1H", "P1D", "PT0S", "-PT5M"]).map(nodes.String),
    "JSON": st.just(nodes.String("{}")),
    "TimeZone": st.sampled_from(["America/Chicago", "UTC", "Mars/Base"]).map(nodes.String),
    "URL": st.sampled_from(["https://canvas.example", "http://127.0.0.1:1", "file:///etc/passwd"]).map(nodes.String),
}
EXPECTED = {
    "BAD_ID", "BAD_INPUT", "COST_LIMIT", "NODE_LIMIT", "DEPTH_LIMIT", "ALIAS_LIMIT", "ROOT_FIELD_LIMIT", "DIRECTIVE_LIMIT",
    "TOKEN_LIMIT", "FORBIDDEN", "UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED",
    "OPERATION_RESOLUTION_FAILURE", "RATE_LIMITED", "UPSTREAM_UNAVAILABLE", "UPSTREAM_REJECTED", "DEADLINE_EXCEEDED",
}  # fmt: skip

for name, strategy in SCALARS.items():
    schemathesis.graphql.scalar(name, strategy)


@schemathesis.check
def no_fault_of_ours(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """No 5xx, nothing but JSON, and no error without a code that clients know."""
    assert response.status_code < 500
    codes = {error["extensions"]["code"] for error in response.json().get("errors", [])}
    assert codes <= EXPECTED, codes - EXPECTED
