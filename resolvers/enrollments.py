from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from domain.catalog import Enrollment, SourceStatus
from domain.paging import Page, PageRequest
from domain.refs import EnrollmentRef
from domain.rows import EnrollmentChange
from resolvers.context import Context
from services import enrollments, sources

Status = Callable[[], Awaitable[Sequence[SourceStatus]]]


async def enrollments_of_users(
    ctx: Context, user_ids: Sequence[int], request: PageRequest
) -> list[tuple[Page[Enrollment], Status]]:
    loaders = ctx.op.loaders
    pages = await enrollments.enrollments_of(loaders, user_ids, request)
    return [(page, _status(ctx, user)) for user, page in zip(user_ids, pages, strict=True)]


def _status(ctx: Context, user: int) -> Status:
    return lambda: sources.person_status(ctx.op.loaders, user)


async def enrollments_by_refs(ctx: Context, refs: Sequence[EnrollmentRef]) -> list[Enrollment | None]:
    return await enrollments.enrollments_by_refs(ctx.op.loaders, refs)


async def changes_of(ctx: Context, refs: Sequence[EnrollmentRef]) -> list[list[EnrollmentChange]]:
    return await enrollments.changes_of(ctx.op.loaders, refs)
