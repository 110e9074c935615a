"""The cheapest correct way to write a change: single memberships, a whole group at once, or a table for a whole set."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence

from canvas.client import Canvas
from canvas.group_memberships import create_membership, delete_membership, list_memberships, replace_members
from canvas.groups import import_memberships
from canvas.progress import show_progress
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamRejected
from domain.freshness import MESSAGES
from domain.teams import TeamChange
from services.run import Run
from services.teams.course_now import Members

SINGLES = 3
"""Up to so many changes of one group go person by person: nothing a teacher does meanwhile can be lost."""
REPLACE_COST = 2
"""Requests that a whole group costs: a last look and the write."""
IMPORT_COST = 4
"""Requests that a table costs: itself and a few looks at its progress."""
LEAST_ROWS = 20
"""Fewer people than this are not worth a job of Canvas's."""
POLL_SECONDS = (0.2, 0.5, 1.0, 2.0)
LONGEST_IMPORT = 600.0


class Writer:
    """`refused`: (account, REFUSED) → why. `whole_groups`: the requester may write for everybody in a group."""

    def __init__(self, run: Run, canvas: Canvas, before: Members, *, whole_groups: bool) -> None:
        self._run, self._canvas, self._before, self._whole = run, canvas, before, whole_groups
        self.refused: dict[tuple[str, str], str] = {}

    async def write(self, changes: Sequence[TeamChange]) -> None:
        """Write all changes; what Canvas refuses is noted and stops nothing else."""
        by_set: defaultdict[str, list[TeamChange]] = defaultdict(list)
        for change in changes:
            by_set[change.set_id].append(change)
        for set_id, of_set in by_set.items():
            if self._whole and table_is_cheaper(of_set) and all(change.limit is None for change in of_set):
                await self._by_table(set_id, of_set)
            else:
                await self._by_group(of_set)

    async def _by_group(self, changes: Sequence[TeamChange]) -> None:
        for change in changes:
            many = arrivals_of(change) + len(change.removes) > SINGLES
            if not (self._whole and many and await self._replace(change)):
                await self._singly(change)
            await self._run.advance()

    async def _singly(self, change: TeamChange) -> None:
        there = self._before[change.group_id]
        leaving = [one.canvas_user_id or "" for one in change.removes if one.canvas_user_id in there]
        arriving = [one.canvas_user_id or "" for one in (*change.adds, *(move.member for move in change.moves))]
        if change.limit is not None:  # Those who leave make room.
            await self._remove(change, leaving)
        await self._add(change, [id for id in arriving if id not in there])
        if change.limit is None:
            await self._remove(change, leaving)

    async def _add(self, change: TeamChange, accounts: Sequence[str]) -> None:
        for account in accounts:
            await self._noted(account, create_membership(self._canvas, change.group_id, account))

    async def _remove(self, change: TeamChange, accounts: Sequence[str]) -> None:
        for account in accounts:
            await self._noted(account, delete_membership(self._canvas, change.group_id, account))

    async def _replace(self, change: TeamChange) -> bool:
        """Write the whole group, unless somebody changed it a moment ago: then it goes person by person."""
        try:
            now = frozenset(member.user_id for member in await list_memberships(self._canvas, change.group_id))
        except UpstreamError:
            return False
        if now != self._before[change.group_id]:
            return False
        arriving = [one.canvas_user_id or "" for one in (*change.adds, *(move.member for move in change.moves))]
        leaving = [one.canvas_user_id or "" for one in change.removes]
        whole = list(dict.fromkeys([*sorted(now - set(leaving)), *arriving]))
        await self._noted_all([*arriving, *leaving], replace_members(self._canvas, change.group_id, whole))
        return True

    async def _by_table(self, set_id: str, changes: Sequence[TeamChange]) -> None:
        rows = [
            (one.canvas_user_id or "", change.group_id)
            for change in changes
            for one in (*change.adds, *(move.member for move in change.moves))
            if one.canvas_user_id not in self._before[change.group_id]
        ]
        if rows:
            await self._noted_all([account for account, _ in rows], self._import(set_id, rows))
        for change in changes:
            there = self._before[change.group_id]
            await self._remove(
                change, [one.canvas_user_id or "" for one in change.removes if one.canvas_user_id in there]
            )
            await self._run.advance()

    async def _import(self, set_id: str, rows: Sequence[tuple[str, str]]) -> None:
        job = await import_memberships(self._canvas, set_id, rows)
        async with asyncio.timeout(LONGEST_IMPORT):
            turn = 0
            while not job.finished:
                await asyncio.sleep(POLL_SECONDS[min(turn, len(POLL_SECONDS) - 1)])
                job, turn = await show_progress(self._canvas, job.id), turn + 1

    async def _noted(self, account: str, write: Awaitable[object]) -> None:
        await self._noted_all([account], write)

    async def _noted_all(self, accounts: Sequence[str], write: Awaitable[object]) -> None:
        """A refusal is told; of an answer that got lost nobody knows, and reading back will tell."""
        try:
            await write
        except (UpstreamForbidden, UpstreamRejected) as error:
            full = isinstance(error, UpstreamRejected) and "full" in error.types
            why = "The group is full." if full else MESSAGES[error.reason]
            self.refused |= {(account, "REFUSED"): why for account in accounts}
        except (UpstreamError, TimeoutError) as error:
            code = error.reason if isinstance(error, UpstreamError) else "TIMEOUT"
            self._run.issue("WRITE_FAILED", MESSAGES.get(code, "Canvas did not answer."))


def arrivals_of(change: TeamChange) -> int:
    return len(change.adds) + len(change.moves)


def table_is_cheaper(changes: Sequence[TeamChange]) -> bool:
    """Whether one table, and removals one by one, take fewer requests than group by group. Tables remove nobody."""
    numbers = [arrivals_of(change) + len(change.removes) for change in changes]
    by_group = sum(number if number <= SINGLES else REPLACE_COST for number in numbers)
    if sum(arrivals_of(change) for change in changes) < LEAST_ROWS:
        return False
    return IMPORT_COST + sum(len(change.removes) for change in changes) < by_group
