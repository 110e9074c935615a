"""Moving logins from replaced registrations of the sign-in to the one in use; what is empty is removed last (W-23)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from canvas.authentication_providers import delete_authentication_provider
from canvas.client import Canvas
from canvas.issuer import Client, remove
from canvas.logins import list_account_logins, update_login
from canvas.web import WebError
from db.models import OidcRegistration
from db.sealing import UnsealError
from domain import facts
from domain.errors import UpstreamError, UpstreamMissing
from domain.freshness import MESSAGES
from services.operation import Engine

LATER = "The former login provider is removed when they are."
STAYS = "The former login provider stays in Canvas, so that everybody can sign in. Try to finish later."


class Move(NamedTuple):
    """What came of moving or removing, in words."""

    name: str
    ok: bool
    message: str


def belongs_to(provider: int) -> str:
    """What the secrets of a provider's registrations are sealed for."""
    return f"oidc:{provider}"


async def move(engine: Engine, provider: int, most: int | None = None) -> list[Move]:
    """Move every login that is bound to a replaced registration, then remove those that have none left.

    Source: one listing of the account's logins, one request for each that moves, and another listing before anything
            is removed: Canvas deletes a provider together with its logins.
    Shape:  one or two moves; none fails the caller. Done twice, nothing more happens. More than `most` logins are left
            for the run.
    """
    old = await OidcRegistration.filter(
        provider_id=provider, replaced_at__isnull=False, removed_at=None, canvas_provider_id__isnull=False
    ).order_by("id")
    used = await OidcRegistration.get_or_none(provider_id=provider, replaced_at=None)
    if not old or used is None or used.canvas_provider_id is None:
        return []
    try:
        canvas = await engine.canvases.get(provider)
        former = {row.canvas_provider_id or "" for row in old}
        bound = await _bound(canvas, former)
        if most is not None and len(bound) > most:
            return [Move("MOVE_LOGINS", ok=True, message=f"{len(bound)} logins are being moved. {LATER}")]
        await asyncio.gather(*(_move_one(canvas, login, used.canvas_provider_id) for login in bound))
        left = await _bound(canvas, former) if bound else []
    except UpstreamError as error:
        return [Move("MOVE_LOGINS", ok=False, message=f"{MESSAGES.get(error.reason, '')} {STAYS}".strip())]
    if left:
        return [
            Move("MOVE_LOGINS", ok=False, message=f"{len(left)} of {len(bound)} logins could not be moved. {STAYS}")
        ]
    moved = Move("MOVE_LOGINS", ok=True, message=f"{len(bound)} logins were moved.")
    return [moved, await _remove(engine, canvas, old)]


async def _bound(canvas: Canvas, providers: set[str]) -> list[facts.Login]:
    return [login for login in await list_account_logins(canvas) if login.provider_id in providers]


async def _move_one(canvas: Canvas, login: facts.Login, new: str) -> None:
    """What fails shows when the logins are listed again."""
    with contextlib.suppress(UpstreamError):
        await update_login(canvas, login.id, new)


async def _remove(engine: Engine, canvas: Canvas, old: Sequence[OidcRegistration]) -> Move:
    for row in old:
        try:
            with contextlib.suppress(UpstreamMissing):  # Somebody removed it in Canvas.
                await delete_authentication_provider(canvas, row.canvas_provider_id or "")
        except UpstreamError as error:
            said = MESSAGES.get(error.reason, "Canvas could not be asked.")
            return Move("REMOVE", ok=False, message=f"The former login provider could not be removed: {said}")
        await OidcRegistration.filter(id=row.id).update(removed_at=engine.clock())
        await _take_back(engine, row)
    return Move("REMOVE", ok=True, message="The former login provider was removed.")


async def _take_back(engine: Engine, row: OidcRegistration) -> None:
    """Tell the issuer that the client is over, where it offered a way to."""
    if not (row.registration_url and row.sealed_registration_token):
        return
    with contextlib.suppress(WebError, ValueError, UnsealError):
        token = engine.canvases.keyring.unseal(row.sealed_registration_token, belongs_to(row.provider_id))
        await remove(engine.canvases.web, Client(row.client_id, "", row.registration_url, token))
