"""GraphiQL as a page of our own host: no file, font or script from anywhere else."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse, Response

from domain.clock import utc_now
from graph.explorer.assets import integrity
from graph.explorer.pins import PINS, SCRIPTS, STYLES

HERE = Path(__file__).parent
SETUP = "make setup"
_DAY = re.compile(r"@today(?:\+(\d+))?")


@dataclass(frozen=True, slots=True)
class Example:
    """One tab."""

    query: str
    variables: str = ""


def examples(folder: Path = HERE / "examples") -> list[Example]:
    """The tabs, in the order of their file names; `name.json` beside `name.graphql` holds its variables (see `dated`)."""
    return [
        Example(file.read_text(encoding="utf-8"), _beside(file.with_suffix(".json")))
        for file in sorted(folder.glob("*.graphql"))
    ]


def _beside(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def dated(variables: str, today: date) -> str:
    """An example's variables with `@today` and `@today+27` as the days they are now."""
    return _DAY.sub(lambda found: str(today + timedelta(days=int(found[1] or 0))), variables)


class Explorer:
    """The page at `/graphql`. `tokens` (label to bearer token) are offered in a picker: the demo's, never others."""

    def __init__(
        self, tabs: Sequence[Example] | None = None, tokens: Mapping[str, str] | None = None, title: str = "homeroom"
    ) -> None:
        self._tabs = examples() if tabs is None else list(tabs)
        self._tokens = dict(tokens or {})
        self._title = title

    def page(self) -> Response:
        """The explorer, or what to type where its files were never fetched."""
        nonce = secrets.token_urlsafe(16)
        missing = [pin.name for pin in PINS if not pin.file.is_file()]
        if missing:
            return HTMLResponse(_missing(self._title), 503, headers=_headers(nonce))
        return HTMLResponse(self._html(nonce), headers=_headers(nonce))

    def _html(self, nonce: str) -> str:
        config = {
            "tabs": [{"query": tab.query, "variables": dated(tab.variables, utc_now().date())} for tab in self._tabs],
            "tokens": self._tokens,
        }
        styles = "\n".join(
            f'<link rel="stylesheet" href="/explorer/{name}" integrity="{integrity(name)}">'
            for name in (*(pin.name for pin in STYLES), "explorer.css")
        )
        scripts = "\n".join(
            f'<script nonce="{nonce}" src="/explorer/{name}" integrity="{integrity(name)}" defer></script>'
            for name in (*(pin.name for pin in SCRIPTS), "explorer.js")
        )
        return (
            (HERE / "explorer.html")
            .read_text(encoding="utf-8")
            .format(
                title=escape(self._title),
                styles=styles,
                scripts=scripts,
                config=json.dumps(config).replace("<", "\\u003c"),
            )
        )


def _missing(title: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>The explorer is not installed</h1><p>Its files were never fetched. Type <code>{SETUP}</code> and start again; "
        f"or ask with any GraphQL client at this address: the API itself is up.</p></html>"
    )


def _headers(nonce: str) -> dict[str, str]:
    """As strict as GraphiQL allows: its editor writes style attributes, so styles cannot be pinned."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return {"content-security-policy": policy, "cache-control": "no-store", "vary": "Accept"}
