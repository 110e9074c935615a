"""How many reads of an operation are still under way."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Pending:
    """`async with pending:` around a read; `wait` returns when none is left."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def wait(self) -> None:
        await self._idle.wait()

    async def __aenter__(self) -> None:
        self._count += 1
        self._idle.clear()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count -= 1
        if not self._count:
            self._idle.set()
