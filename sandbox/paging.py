"""Pages and `Link` headers: ordinal and bookmark, the clamp, the order, the 6 KB rule."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson

from sandbox.params import to_int
from sandbox.refusals import Refusal, not_found

LINK_BYTES = 6144
HIDDEN = {"access_token", "api_key", "page", "per_page"}
BY_PRIORITY = ("next", "last", "prev", "current", "first")
IN_ORDER = ("current", "next", "prev", "first", "last")
RESTART = "Invalid page; please restart iteration and follow `next` links"


class Listing(NamedTuple):
    """A list to be answered page by page. `total` decides on `last` links; `drop` is applied after paging."""

    rows: Sequence[Any]
    render: Callable[[Any], Any]
    bookmark: bool = False
    total: bool = True
    drop: Callable[[Any], bool] | None = None
    wrap: str | None = None


class Page(NamedTuple):
    body: Any
    link: str | None
    size: int


def per_page_of(text: str | None, most: int) -> int:
    """10 by default, clamped to 1..most whatever is asked."""
    return 10 if text is None else max(1, min(most, to_int(text)))


def page_of(listing: Listing, url: str, query: str, most: int) -> Page:
    """The asked page of a listing with its `Link` header; `url` has no query."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    size = per_page_of(given.get("per_page"), most)
    page = given.get("page", "1")
    start = _after_bookmark(page) if listing.bookmark else _offset(page, size)
    rows = listing.rows[start : start + size]
    more = start + size < len(listing.rows)
    names = _bookmarks(page, start + size, more=more) if listing.bookmark else _ordinals(listing, page, size, more=more)
    shown = [row for row in rows if not listing.drop(row)] if listing.drop else rows
    body = [listing.render(row) for row in shown]
    return Page({listing.wrap: body} if listing.wrap else body, _link(url, query, names, size), len(rows))


def _offset(page: str, size: int) -> int:
    if not page.isdigit():
        raise not_found()
    return (max(1, int(page)) - 1) * size


def _after_bookmark(page: str) -> int:
    if page.isdigit() and int(page) > 1:
        raise Refusal(400, {"status": "bad_request", "errors": [{"page": RESTART}]})
    if not page.startswith("bookmark:"):
        return 0
    try:
        value = orjson.loads(urlsafe_b64decode(page.removeprefix("bookmark:") + "=="))
    except ValueError:
        return 0
    return value if isinstance(value, int) and value > 0 else 0


def _bookmarks(page: str, end: int, *, more: bool) -> dict[str, str]:
    names = {"current": page if page.startswith("bookmark:") else "first", "first": "first"}
    if more:
        names["next"] = "bookmark:" + urlsafe_b64encode(orjson.dumps(end)).decode().rstrip("=")
    return names


def _ordinals(listing: Listing, page: str, size: int, *, more: bool) -> dict[str, str]:
    number = max(1, int(page))
    names = {"current": str(number), "first": "1"}
    if more:
        names["next"] = str(number + 1)
    if number > 1:
        names["prev"] = str(number - 1)
    if listing.total:
        names["last"] = str(max(1, -(-len(listing.rows) // size)))
    return names


def _link(url: str, query: str, names: dict[str, str], size: int) -> str | None:
    kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key not in HIDDEN]
    links = {
        rel: f'<{url}?{urlencode([*kept, ("page", page), ("per_page", str(size))])}>; rel="{rel}"'
        for rel, page in names.items()
    }
    if len(links.get("next", "")) > LINK_BYTES:
        return None
    shown: set[str] = set()
    total = 0
    for rel in BY_PRIORITY:
        if rel in links and total + len(links[rel]) <= LINK_BYTES:
            shown.add(rel)
            total += len(links[rel])
    return ",".join(links[rel] for rel in IN_ORDER if rel in shown) or None
