"""The data of an answer as JSON, and what is made of it once and used for as long as the answer is remembered."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from typing import Any

import orjson

_HEAD = b'{"data":'
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 4
_OFF_LOOP_FROM = 100_000


class Encoded:
    """`json` is the value of `data`. What follows it in the body (`rest`) is another one each time."""

    __slots__ = ("_deflated", "_tag", "json")

    def __init__(self, data: dict[str, Any]) -> None:
        self.json = orjson.dumps(data)
        self._tag = ""
        self._deflated: tuple[bytes, int] | None = None

    @property
    def tag(self) -> str:
        """An ETag, weak because `extensions` are not in it."""
        if not self._tag:
            self._tag = f'W/"{hashlib.blake2b(self.json, digest_size=16).hexdigest()}"'
        return self._tag

    def body(self, rest: bytes) -> bytes:
        return b"".join((_HEAD, self.json, rest))

    async def gzipped(self, rest: bytes) -> bytes:
        """The body in gzip: the data is compressed once, and what follows it is joined on."""
        if self._deflated is None:
            large = len(self.json) >= _OFF_LOOP_FROM
            self._deflated = await asyncio.to_thread(self._deflate) if large else self._deflate()
        start, checksum = self._deflated
        end = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        sum_of_all = zlib.crc32(rest, checksum).to_bytes(4, "little")
        size = (len(_HEAD) + len(self.json) + len(rest)) & 0xFFFFFFFF
        return b"".join((_GZIP, start, end.compress(rest), end.flush(), sum_of_all, size.to_bytes(4, "little")))

    def _deflate(self) -> tuple[bytes, int]:
        """Whole bytes that a further stream may follow, and the checksum so far."""
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        start = packer.compress(_HEAD) + packer.compress(self.json) + packer.flush(zlib.Z_FULL_FLUSH)
        return start, zlib.crc32(self.json, zlib.crc32(_HEAD))
