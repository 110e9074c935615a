"""Rosters as pages, sorted by the person's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from domain.catalog import Enrollment, SourceStatus
from domain.filters import RosterFilter
from domain.paging import Page, PageRequest, cut
from domain.refs import CanvasClassRef, ClassRef, key_of
from loaders import Loaders
from services.rosters import roster
from services.sources import roster_status

Status = Callable[[], Awaitable[Sequence[SourceStatus]]]
UNKNOWN: Page[Enrollment] = Page([], [], has_next=False, has_previous=False, total=None)


async def roster_pages(
    loaders: Loaders, refs: Sequence[ClassRef], view: int | None, narrowed: RosterFilter, request: PageRequest
) -> list[tuple[Page[Enrollment], Status]]:
    """One page per class; its total is None, and its source says why, where Canvas could not be read.

    Quirk:  a student's, which is of themselves, has no total either: every count is null to them (D-09a, AC-03).
    """
    rosters = await roster(loaders, refs, view, narrowed)
    user_ids = {row.user_id for rows in rosters for row in rows or ()}
    people = {row.id: row.sort_key for row in await loaders.user_by_id.load_many(list(user_ids)) if row}
    counted = not loaders.scope.is_student
    pages = [_page(rows, people, request).of_known(complete=counted) for rows in rosters]
    return [(page, _status(loaders, ref)) for ref, page in zip(refs, pages, strict=True)]


def _page(rows: list[Enrollment] | None, people: dict[int, str], request: PageRequest) -> Page[Enrollment]:
    if rows is None:
        return UNKNOWN
    return cut(rows, lambda row: (people.get(row.user_id, ""), key_of(row.ref)), request)


def _status(loaders: Loaders, ref: ClassRef) -> Status:
    async def status() -> Sequence[SourceStatus]:
        return await roster_status(loaders, ref) if isinstance(ref, CanvasClassRef) else []

    return status
