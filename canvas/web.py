"""Requests to addresses that an admin typed and that are no Canvas: the organisation's own sign-in server.

They go through the same address check and the same transport as those to Canvas, without a Canvas's access key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from canvas.address import AddressNotAllowed
from canvas.bodies import BodyError, read_body

SECONDS = 15.0
LARGEST_BODY = 1024 * 1024


def is_web_address(url: str) -> bool:
    """Whether it looks like an address that Canvas can be told; homeroom itself never asks it."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in ("https", "http") and bool(parsed.host) and not parsed.userinfo


class WebError(Exception):
    """No usable answer. The message is safe to show: it holds nothing that was sent or received."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`payload` is the decoded JSON object, empty where there was none."""

    status: int
    payload: Mapping[str, Any] = field(repr=False)


class Web:
    """`check` answers an origin in the one spelling, or raises AddressNotAllowed."""

    def __init__(self, http: httpx.AsyncClient, check: Callable[[str], str]) -> None:
        self._http = http
        self._check = check

    def url(self, text: str) -> str:
        """An address that may be asked. Errors: AddressNotAllowed (a ValueError) with the reason in plain words."""
        try:
            parsed = httpx.URL(text.strip())
        except httpx.InvalidURL as error:
            raise AddressNotAllowed("This is not a web address.") from error
        origin = self._check(str(parsed.copy_with(path="/", query=None, fragment=None)))
        return origin + parsed.raw_path.decode("ascii")

    async def ask(self, method: str, url: str, *, json: Any = None, token: str | None = None) -> Reply:
        """One request, not repeated; redirects are not followed. Errors: AddressNotAllowed; WebError."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = self._http.build_request(method, self.url(url), json=json, headers=headers)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._read(request)
        except (TimeoutError, httpx.TimeoutException):
            raise WebError("The sign-in server did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL, AddressNotAllowed):
            raise WebError("The sign-in server cannot be reached.") from None

    async def _read(self, request: httpx.Request) -> Reply:
        response = await self._http.send(request, stream=True)
        try:
            body = await read_body(response, LARGEST_BODY)
        except BodyError:
            raise WebError("The sign-in server's answer is too long.") from None
        finally:
            await response.aclose()
        return Reply(response.status_code, _object(body))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        payload = msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}
