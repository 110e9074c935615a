from __future__ import annotations

from domain import rows
from domain.filters import AuditFilter
from domain.paging import Page, PageRequest
from domain.refs import Ref
from resolvers.context import Context
from services import audit


async def audit_page(ctx: Context, narrowed: AuditFilter, request: PageRequest) -> Page[rows.AuditEntry]:
    return await audit.audit_page(ctx.op.loaders, narrowed, request)


async def history(ctx: Context, ref: Ref, request: PageRequest) -> Page[rows.AuditEntry]:
    return await audit.history(ctx.op.loaders, ref, request)


async def entry(ctx: Context, id: int) -> rows.AuditEntry | None:
    return await audit.entry(ctx.op.loaders, id)
