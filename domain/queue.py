"""How services hand work to whoever carries it out later. The database is the truth of it; this only carries a name."""

from __future__ import annotations

from typing import Protocol


class Queue(Protocol):
    """May lose, repeat or delay a job; jobs are written so that none of it matters."""

    async def enqueue(self, job: str, key: int) -> None:
        """Ask for the job of that name for the row of that number."""
        ...
