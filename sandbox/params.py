"""Request parameters as Rails reads them: `a[b][]=1`, JSON bodies, urlencoded and multipart forms."""

from __future__ import annotations

import re
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

import orjson

TRUE = {"true", "t", "yes", "y", "on", "1"}
FALSE = {"false", "f", "no", "n", "off", "0", ""}


class Params:
    """A nested mapping with the readings Canvas gives to its values."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """The value as text; None where absent or JSON null."""
        value = self.values.get(name)
        return None if value is None or isinstance(value, dict | list) else str(value)

    def flag(self, name: str) -> bool | None:
        """Canvas's reading of a boolean; None where absent."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).lower()
        return word in TRUE or (word not in FALSE and to_int(word) != 0)

    def number(self, name: str) -> int | None:
        """The value as an integer, 0 for rubbish; None where absent or blank."""
        text = self.text(name)
        return to_int(text) if text else None

    def many(self, name: str) -> list[str]:
        """A list of texts; a single value is a list of one."""
        value = self.values.get(name)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        return [str(item) for item in items if not isinstance(item, dict | list)]

    def under(self, name: str) -> Params:
        """The parameters nested below a name."""
        value = self.values.get(name)
        return Params(value if isinstance(value, dict) else {})


def to_int(text: str) -> int:
    """Ruby's `to_i`: leading digits, else 0."""
    found = re.match(r"\s*(-?\d+)", text)
    return int(found[1]) if found else 0


def read_params(query: str, content_type: str, body: bytes) -> tuple[Params, bytes | None]:
    """All parameters, and the attached file if there is one."""
    pairs = parse_qsl(query, keep_blank_values=True)
    attachment: bytes | None = None
    document: dict[str, Any] = {}
    if body and content_type.startswith("application/json"):
        document = _document(body)
    elif content_type.startswith("multipart/form-data"):
        fields, attachment = _parts(content_type, body)
        pairs += fields
    elif content_type.startswith("text/csv"):
        attachment = body
    elif body:
        pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Params({**nest(pairs), **document}), attachment


def nest(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Turn `a[b][]` keys into nested dicts and lists."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        head, *rest = re.findall(r"[^\[\]]+|\[\]", key) or [key]
        node, name = root, head
        for part in rest:
            if part == "[]":
                present = node.setdefault(name, [])
                if isinstance(present, list):
                    present.append(value)
                break
            child = node.setdefault(name, {})
            node, name = (child if isinstance(child, dict) else {}), part
        else:
            node[name] = value
    return root


def _document(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _parts(content_type: str, body: bytes) -> tuple[list[tuple[str, str]], bytes | None]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: list[tuple[str, str]] = []
    attachment: bytes | None = None
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(payload, bytes):
            continue
        if part.get_filename():
            attachment = payload
        else:
            fields.append((name, payload.decode()))
    return fields, attachment
