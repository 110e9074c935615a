"""Logins with which linked people sign in to Canvas through the organisation, made and moved in the background (P-04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from canvas.client import Canvas
from canvas.logins import create_login, list_logins
from db.models import OidcRegistration, ProviderLink, SyncRun
from domain.enums import LoginState, ProviderState, SyncKind
from domain.errors import UpstreamError, UpstreamRejected
from domain.scope import SYSTEM
from services import login_moves, runs
from services.operation import Engine, Operation, begin
from services.run import Run

BATCH = 100
AGAIN = timedelta(minutes=10)


async def registration(provider: int) -> OidcRegistration | None:
    """The sign-in in use of a provider, where its Canvas knows it."""
    return await OidcRegistration.get_or_none(provider_id=provider, replaced_at=None, canvas_provider_id__isnull=False)


async def first_state(provider: int) -> LoginState:
    """PENDING where logins can be made, else NONE."""
    return LoginState.PENDING if await registration(provider) else LoginState.NONE


async def start(op: Operation, provider: int, states: Iterable[LoginState] = (LoginState.PENDING,)) -> None:
    """Have the logins made that are pending; nothing where none of `states` is. Not from inside a transaction."""
    if LoginState.PENDING in states:
        await runs.start(op, runs.Asked(SyncKind.LOGINS, provider, alone=f"logins:{provider}"), "makeLogins")


async def start_waiting(engine: Engine) -> None:
    """Have pending logins made that no run is about: Canvas was away, or one was asked for while a run was ending."""
    waiting = ProviderLink.filter(
        login_state=LoginState.PENDING, unlinked_at=None, provider__state=ProviderState.ENABLED
    )
    for (provider,) in await waiting.distinct().values_list("provider_id"):
        tried = SyncRun.filter(kind=SyncKind.LOGINS, provider_id=provider, finished_at__gt=engine.clock() - AGAIN)
        if not await tried.exists():
            await start(begin(engine, SYSTEM), provider)


async def make_logins(run: Run) -> None:
    """The run: move logins of a former sign-in, and make every pending one. What fails is written on the link, which stands.

    Errors: UpstreamError when Canvas is away: the links stay pending for the next run.
    """
    provider = run.provider_id or 0
    await run.step("moving_logins")
    for move in await login_moves.move(run.op.engine, provider):
        if not move.ok:
            run.issue(move.name, move.message)
    used = await registration(provider)
    pending = ProviderLink.filter(provider_id=provider, login_state=LoginState.PENDING, unlinked_at=None).order_by("id")
    if used is None or used.canvas_provider_id is None:
        await pending.update(login_state=LoginState.NONE)
        return
    canvas = await run.op.engine.canvases.get(provider)
    await run.step("making_logins", await pending.count())
    while links := await pending.limit(BATCH).select_related("user"):
        for link in links:
            state = await _make(run, canvas, link, used.canvas_provider_id)
            await ProviderLink.filter(id=link.id, login_state=LoginState.PENDING).update(login_state=state)
            await run.advance()


async def _make(run: Run, canvas: Canvas, link: ProviderLink, canvas_provider: str) -> LoginState:
    """Look first: it may exist, or have been made by an attempt that did not live to say so."""
    try:
        if any(login.provider_id == canvas_provider for login in await list_logins(canvas, link.external_user_id)):
            run.count(unchanged=1)
            return LoginState.READY
        await create_login(canvas, link.external_user_id, link.user.username, canvas_provider)
    except UpstreamError as error:
        if not _is_about_this_login(error):
            raise
        taken = isinstance(error, UpstreamRejected) and "taken" in error.types
        code, why = (
            ("LOGIN_TAKEN", "Somebody else in Canvas signs in with this person's user name.")
            if taken
            else ("LOGIN_REFUSED", "Canvas did not accept the login.")
        )
        run.issue(code, why, canvas_user_id=link.external_user_id)
        return LoginState.FAILED
    run.count(created=1)
    return LoginState.READY


def _is_about_this_login(error: UpstreamError) -> bool:
    return error.reason in {"REJECTED", "NOT_FOUND", "PERMISSION_MISSING"}
