"""Accounts: an institution, or a part of one."""

from __future__ import annotations

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, row, text
from domain import facts
from domain.errors import UpstreamUnreadable


class _Account(msgspec.Struct):
    id: Id
    name: str | None = None
    default_time_zone: str | None = None


async def show_account(canvas: Canvas) -> facts.Account:
    """The provider's account: the cheapest way to learn whether address, key and account are right.

    Source: GET /api/v1/accounts/:id (`self` works)
    Errors: UpstreamCredentials, UpstreamMissing, UpstreamForbidden as they are.
    """
    found = row(await canvas.get(canvas.path("accounts/{}", canvas.account_id)), _Account)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "account")
    return facts.Account(str(found.id), text(found.name) or str(found.id), text(found.default_time_zone))
