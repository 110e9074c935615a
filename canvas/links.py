"""Where a list goes on. Canvas's `next` is opaque: followed as it is, but never to another host."""

from __future__ import annotations

import httpx

from domain.errors import UpstreamUnreadable


def next_url(provider: int, origin: str, asked: str, link: str | None) -> str | None:
    """The `next` link of the answer to `asked`, on our own origin; None at the end.

    Quirk:  behind a proxy that ends TLS, Canvas names another scheme or host: the same path is taken from ours.
    Errors: UpstreamUnreadable when another host and another path are named.
    """
    if not link:
        return None
    try:
        here = httpx.URL(asked)
        there = here.join(link)
    except httpx.InvalidURL:
        raise UpstreamUnreadable(provider, "next link") from None
    same_host = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
    if not same_host and there.path != here.path:
        raise UpstreamUnreadable(provider, "next link to another host")
    return origin + there.raw_path.decode("ascii")


def leads_to_page(url: str | None, number: int) -> bool:
    """Whether a next link is an ordinal one (`page=7`) with just that number; bookmarks are not."""
    return url is not None and httpx.URL(url).params.get("page") == str(number)
