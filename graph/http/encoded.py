"""The data of an answer as JSON, and what is made of it once and used for as long as the answer is remembered."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from typing import Any

import orjson

_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 4
_OFF_LOOP_FROM = 100_000


class Encoded:
    """`start` is the body as far as the end of the data. What stands after it is another one each time."""

    __slots__ = ("_deflated", "_tag", "start")

    def __init__(self, data: dict[str, Any]) -> None:
        self.start = b'{"data":%b' % orjson.dumps(data)
        self._tag = ""
        self._deflated: tuple[bytes, int, int] | None = None

    @property
    def tag(self) -> str:
        """An ETag, weak because `extensions` are not in it."""
        if not self._tag:
            self._tag = f'W/"{hashlib.blake2b(self.start, digest_size=16).hexdigest()}"'
        return self._tag

    @property
    def json(self) -> bytes:
        """The value of `data`."""
        return self.start[len(b'{"data":') :]

    async def gzipped(self, rest: bytes) -> bytes:
        """The body in gzip: the data is compressed once, and the other members (`rest`) are joined on."""
        if self._deflated is None:
            large = len(self.start) >= _OFF_LOOP_FROM
            self._deflated = await asyncio.to_thread(self._deflate) if large else self._deflate()
        packed, checksum, size = self._deflated
        end = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        trailer = zlib.crc32(rest, checksum).to_bytes(4, "little") + ((size + len(rest)) & 0xFFFFFFFF).to_bytes(
            4, "little"
        )
        return b"".join((_GZIP, packed, end.compress(rest), end.flush(), trailer))

    def _deflate(self) -> tuple[bytes, int, int]:
        """Whole bytes that a further stream may follow; the checksum and the length of what they stand for."""
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(self.start) + packer.flush(zlib.Z_FULL_FLUSH)
        return packed, zlib.crc32(self.start), len(self.start)
