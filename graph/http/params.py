"""The parameters of a GraphQL request, from a JSON body or a query string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from graph.refusal import bad_request


@dataclass(frozen=True, slots=True)
class Params:
    """What GraphQL over HTTP and graphql-transport-ws both call a request."""

    query: str | None
    document_id: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    extensions: Mapping[str, Any]


def from_json(body: bytes) -> Params:
    """Read a POST body."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(400, "BAD_REQUEST", "The body is not JSON.") from error
    if isinstance(found, list):
        raise bad_request(400, "BATCHING_OFF", "Send one operation per request.")
    return from_object(found)


def from_query(query: Mapping[str, str]) -> Params:
    """Read the query string of a GET; `variables` and `extensions` are JSON in it."""
    found: dict[str, object] = dict(query)
    for name in ("variables", "extensions"):
        text = query.get(name)
        if text:
            try:
                found[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise bad_request(400, "BAD_REQUEST", f"`{name}` is not JSON.") from error
        else:
            found.pop(name, None)
    return from_object(found)


def from_object(found: object) -> Params:
    """Check the types; absent and null are the same."""
    if not isinstance(found, dict):
        raise bad_request(400, "BAD_REQUEST", "The request must be a JSON object.")
    return Params(
        query=_text(found, "query"),
        document_id=_text(found, "documentId"),
        variables=_object(found, "variables"),
        operation_name=_text(found, "operationName") or None,
        extensions=_object(found, "extensions"),
    )


def spelled(variables: Mapping[str, Any]) -> bytes:
    """The variables in one spelling. Errors: a refusal where they are nested deeper than any input is."""
    try:
        return orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise bad_request(400, "BAD_REQUEST", "`variables` are nested too deeply.") from error


def _text(found: Mapping[str, object], name: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(400, "BAD_REQUEST", f"`{name}` must be a string.")
    return value


def _object(found: Mapping[str, object], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_request(400, "BAD_REQUEST", f"`{name}` must be an object.")
    return value
