"""Requests that are carried out once however often they come (C-25)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from tortoise.exceptions import IntegrityError

from db.failures import UNANSWERED
from db.models import IdempotencyRecord
from domain.problems import InvalidInput
from services.operation import Operation

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)
"""After this a request without an answer was that of a process that died."""


DONE = b""
"""In place of an answer: it was carried out, and the process ended before the answer was kept."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to carry the request out; to be handed back with its answer."""

    id: int


@dataclass(frozen=True, slots=True)
class Answered:
    """It was carried out before."""

    response: bytes


@dataclass(frozen=True, slots=True)
class Unanswered:
    """It was carried out, at least in part, and its answer is lost."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """It is being carried out."""


@dataclass(frozen=True, slots=True)
class Different:
    """The key belongs to another request."""


Earlier = Answered | Unanswered | UnderWay | Different
_current: ContextVar[Ticket | None] = ContextVar("ticket", default=None)


async def begin(op: Operation, key: str, mutation: str, request: str) -> Ticket | Earlier:
    """Claim a key of the viewer's. `request` is a hash of what was asked.

    Errors: InvalidInput for an empty or overlong key.
    """
    if not 1 <= len(key) <= 255:
        raise InvalidInput("The key has 1 to 255 characters.", ["idempotencyKey"])
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


@contextmanager
def carrying_out(ticket: Ticket) -> Iterator[None]:
    """What is written meanwhile is written for that request."""
    before = _current.set(ticket)
    try:
        yield
    finally:
        _current.reset(before)


async def note_done() -> None:
    """Inside the transaction of a write: a process that is killed after it does not leave a key that does it again."""
    ticket = _current.get()
    if ticket is not None:
        await IdempotencyRecord.filter(id=ticket.id).update(response=DONE)


async def abandon(ticket: Ticket) -> None:
    """The request was cut off. Its key is free again where nothing had been written."""
    with suppress(*UNANSWERED):
        await IdempotencyRecord.filter(id=ticket.id, response=None).delete()


async def _earlier(op: Operation, actor: int, key: str, mutation: str, request: str) -> Ticket | Earlier:
    row = await IdempotencyRecord.get_or_none(actor_id=actor, key=key)
    if row is None:
        return UnderWay()
    if (row.mutation, row.request_hash) != (mutation, request):
        return Different()
    if row.response is not None:
        return Answered(bytes(row.response)) if row.response else Unanswered()
    taken_over = IdempotencyRecord.filter(id=row.id, response=None, created_at__lt=op.now() - ABANDONED)
    return Ticket(row.id) if await taken_over.update(created_at=op.now()) else UnderWay()
