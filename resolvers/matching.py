from __future__ import annotations

from collections.abc import Sequence

from domain.enums import MatchGrade, MatchPolicy
from domain.matches import MatchApplication
from domain.paging import Page, PageRequest
from domain.rows import Link
from resolvers.context import Context
from services import link_restoring, match_lines, match_reports
from services.match_lines import Line, MatchSort
from services.match_reports import View


async def match_report(ctx: Context, provider: int, facility: int | None, policy: MatchPolicy | None) -> View | None:
    return await match_reports.match_report(ctx.op, provider, facility, policy)


async def candidates(
    found: Sequence[Line], grade: MatchGrade | None, sort: MatchSort, request: PageRequest
) -> Page[Line]:
    return await match_lines.page(found, grade, sort, request)


async def applications_by_ids(ctx: Context, ids: Sequence[int]) -> list[MatchApplication | None]:
    return await link_restoring.applications_by_ids(ctx.op.loaders, ids)


async def links_of_applications(ctx: Context, ids: Sequence[int]) -> list[list[Link]]:
    return await link_restoring.links_of_applications(ctx.op.loaders, ids)
