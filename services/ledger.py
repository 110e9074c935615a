"""Who was shown which student's data: kept with each student's record, also of answers from a cache (conventions §4.3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from db.failures import UNANSWERED
from db.queries import ledger
from domain.clock import Clock
from domain.errors import BadIdError
from domain.paging import Page, PageRequest
from domain.rows import AccessEntry
from loaders import Loaders

log = structlog.get_logger()
MOST_WAITING = 1_000_000


@dataclass(frozen=True, slots=True)
class Showing:
    """A viewer's operation in one hour. `hour` is its beginning, aware UTC."""

    viewer_id: int
    operation: str
    document: str
    hour: datetime


class Ledger:
    """`note` returns at once; entries reach the database within `seconds`, or with `flush`.

    Quirk: what was noted in the last seconds before a process is killed is lost; a stop in order loses nothing.
    """

    def __init__(self, clock: Clock, seconds: float = 2.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self._waiting: dict[Showing, set[int]] = {}
        self._written: dict[Showing, set[int]] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, viewer_id: int, operation: str | None, document: str, people: Collection[int]) -> None:
        """These people's data goes into the answer of that operation."""
        if not people:
            return
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        showing = Showing(viewer_id, (operation or "")[:100], document, hour)
        new = set(people).difference(self._written.get(showing, ()), (viewer_id,))
        if new:
            self._waiting.setdefault(showing, set()).update(new)

    async def flush(self) -> None:
        """Write what waits; what cannot be written waits on."""
        while self._waiting:
            showing, people = next(iter(self._waiting.items()))
            del self._waiting[showing]
            try:
                await ledger.add(people, showing.viewer_id, showing.operation, showing.document, showing.hour)
            except asyncio.CancelledError:
                self._waiting.setdefault(showing, set()).update(people)
                raise
            except UNANSWERED:
                self._put_back(showing, people)
                return
            self._written.setdefault(showing, set()).update(people)
        newest = max((showing.hour for showing in self._written), default=None)
        self._written = {showing: people for showing, people in self._written.items() if showing.hour == newest}

    async def start(self) -> None:
        """Write behind until `stop`."""
        self._task = asyncio.create_task(self._run(), name="access ledger")

    async def stop(self) -> None:
        """Write what waits and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self.flush()

    def _put_back(self, showing: Showing, people: set[int]) -> None:
        waiting = sum(len(people) for people in self._waiting.values())
        log.warning("ledger.unwritten", entries=waiting + len(people))
        if waiting < MOST_WAITING:
            self._waiting.setdefault(showing, set()).update(people)


async def access_page(loaders: Loaders, user_id: int, request: PageRequest) -> Page[AccessEntry] | None:
    """Who was shown a student's data, newest first; None for those who may not know and for whom does not exist for them."""
    if not loaders.scope.is_admin or await loaders.user_by_id.load(user_id) is None:
        return None
    before = _id_of(request) if request.after else None
    found = await ledger.access_page(user_id, request.first + 1, before)
    shown = found[: request.first]
    keys = [("", str(row.id)) for row in shown]
    total = await ledger.access_count(user_id)
    return Page(shown, keys, has_next=len(found) > len(shown), has_previous=before is not None, total=total)


def _id_of(request: PageRequest) -> int:
    text = (request.after or ("", ""))[1]
    if not text.isdecimal() or len(text) > 18:
        raise BadIdError("This is not a cursor of this list.")
    return int(text)
