"""Bodies of answers from elsewhere: bounded, however they are packed."""

from __future__ import annotations

import httpx

_PACKED = {"", "identity", "gzip", "deflate"}


class BodyError(Exception):
    """A body that is not read to its end. The message is safe to show."""


async def read_body(response: httpx.Response, largest: int) -> bytes:
    """The whole body, unpacked.

    Quirk:  what is packed more than once is not unpacked: 64 kB of it can be as many gigabytes.
    Errors: BodyError.
    """
    if response.headers.get("content-encoding", "").strip().lower() not in _PACKED:
        raise BodyError("packed in a way that is not read")
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > largest:
            raise BodyError("too large")
    return bytes(body)
