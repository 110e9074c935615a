"""Requests that are carried out once however often they come (C-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tortoise.exceptions import IntegrityError

from db.models import IdempotencyRecord
from domain.problems import InvalidInput
from services.operation import Operation

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)
"""After this a request without an answer was that of a process that died."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to carry the request out; to be handed back with its answer."""

    id: int


@dataclass(frozen=True, slots=True)
class Answered:
    """It was carried out before."""

    response: bytes


@dataclass(frozen=True, slots=True)
class UnderWay:
    """It is being carried out."""


@dataclass(frozen=True, slots=True)
class Different:
    """The key belongs to another request."""


async def begin(op: Operation, key: str, mutation: str, request: str) -> Ticket | Answered | UnderWay | Different:
    """Claim a key of the viewer's. `request` is a hash of what was asked.

    Errors: InvalidInput for an empty or overlong key.
    """
    if not 1 <= len(key) <= 255 or "\0" in key:
        raise InvalidInput("The key has 1 to 255 characters, none of them U+0000.", ["idempotencyKey"])
    actor = op.scope.user_id or 0
    await IdempotencyRecord.filter(actor_id=actor, key=key, created_at__lt=op.now() - KEPT).delete()
    try:
        row = await IdempotencyRecord.create(actor_id=actor, key=key, mutation=mutation, request_hash=request)
    except IntegrityError:
        return await _earlier(op, actor, key, mutation, request)
    return Ticket(row.id)


async def finish(ticket: Ticket, response: bytes | None) -> None:
    """Keep the answer; None: nothing worth keeping happened, and the key is free again."""
    if response is None:
        await IdempotencyRecord.filter(id=ticket.id).delete()
    else:
        await IdempotencyRecord.filter(id=ticket.id).update(response=response)


async def _earlier(
    op: Operation, actor: int, key: str, mutation: str, request: str
) -> Ticket | Answered | UnderWay | Different:
    row = await IdempotencyRecord.get_or_none(actor_id=actor, key=key)
    if row is None:
        return UnderWay()
    if (row.mutation, row.request_hash) != (mutation, request):
        return Different()
    if row.response is not None:
        return Answered(bytes(row.response))
    taken_over = IdempotencyRecord.filter(id=row.id, response=None, created_at__lt=op.now() - ABANDONED)
    return Ticket(row.id) if await taken_over.update(created_at=op.now()) else UnderWay()
