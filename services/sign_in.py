"""The organisation's sign-in in Canvas: a new registration first, then the logins, and the old one last (W-23)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from canvas.authentication_providers import (
    OpenIdConnect,
    create_authentication_provider,
    delete_authentication_provider,
    list_authentication_providers,
)
from canvas.client import Canvas
from canvas.issuer import CALLBACK, Client, Endpoints, discover, register, remove
from canvas.web import WebError, is_web_address
from db.models import OidcRegistration, Provider, ProviderLink
from db.transactions import lock
from domain import facts, rows
from domain.enums import LoginState, Role
from domain.errors import PERMANENT, UpstreamCredentials, UpstreamError
from domain.freshness import MESSAGES
from domain.problems import InvalidInput, NotFound, UpstreamRefused, UpstreamUnavailable
from domain.refs import ProviderRef
from services import audit, login_moves, logins
from services.access import require_role
from services.operation import Operation
from services.writing import writing

INLINE = 300
"""Logins that are moved while the caller waits; more are moved by the run."""
SAFE = "Nothing was changed, and the former sign-in still works."


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an admin gave: an issuer to ask, or endpoints, and a client, or a place to register one at."""

    issuer: str | None = None
    registration_url: str | None = None
    initial_access_token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    end_session_url: str | None = None
    scopes: Sequence[str] = ("openid", "profile", "email")
    login_attribute: str = "preferred_username"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recreation, and what it came to, in words."""

    name: str
    ok: bool
    message: str


async def recreate_oidc_client(op: Operation, provider: ProviderRef, given: SignIn) -> list[Step]:
    """Register the sign-in anew and move everybody to it.

    Shape:  whatever fails, one registration works: until the new one is in use nothing is changed, and the old one is
            removed only when no login is left on it. The steps say how far it came; `finish_sign_in` goes on.
    Errors: NotAllowed below department admin; NotFound; InvalidInput for addresses and missing fields;
            UpstreamUnavailable and UpstreamRefused while nothing has been changed.
    """
    known = await _provider(op, provider)
    endpoints = await _endpoints(op, given, provider.id)
    client = await _client(op, given, endpoints, known)
    canvas, made = await _register_in_canvas(op, given, endpoints, client, provider.id)
    try:
        await _use(op, known, client, made, given.scopes)
    except BaseException:
        await _withdraw(op, client, canvas, made)
        raise
    steps = [
        Step("REGISTER", ok=True, message="The sign-in server knows the new client."),
        Step("CREATE", ok=True, message="Canvas has the new login provider, and it is in use."),
    ]
    return [*steps, *await _finish(op, provider.id)]


async def finish_sign_in(op: Operation, provider: ProviderRef) -> list[Step]:
    """Go on with a recreation whose last steps failed. Errors: as above."""
    await _provider(op, provider)
    return await _finish(op, provider.id)


async def _provider(op: Operation, provider: ProviderRef) -> rows.Provider:
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "manage providers")
    known = (await op.loaders.providers()).get(provider.id)
    if known is None:
        raise NotFound("There is no such provider, or it is switched off.", ["providerId"])
    return known


async def _endpoints(op: Operation, given: SignIn, provider: int) -> Endpoints:
    """What was typed, and what the issuer says where nothing was."""
    found = Endpoints()
    if given.issuer:
        _checked(op, given.issuer, "issuer")
        try:
            found = await discover(op.engine.canvases.web, given.issuer)
        except WebError as error:
            raise UpstreamUnavailable(f"{error} {SAFE}", provider) from error
    merged = Endpoints(
        given.registration_url or found.registration,
        given.authorize_url or found.authorize,
        given.token_url or found.token,
        given.userinfo_url or found.userinfo,
        given.end_session_url or found.end_session,
    )
    for value, path in ((merged.authorize, "authorizeUrl"), (merged.token, "tokenUrl")):
        if not value:
            raise InvalidInput("Give this, or an issuer that tells it.", [path])
    for value in (merged.authorize, merged.token, merged.userinfo, merged.end_session):
        if value is not None and not is_web_address(value):
            raise InvalidInput("An endpoint is not a web address.", ["authorizeUrl"])
    return merged


async def _client(op: Operation, given: SignIn, endpoints: Endpoints, known: rows.Provider) -> Client:
    if given.client_id and given.client_secret:
        return Client(given.client_id.strip(), given.client_secret.strip())
    if given.client_id or given.client_secret:
        raise InvalidInput("Give both, the client id and its secret.", ["clientSecret"])
    if not endpoints.registration:
        raise InvalidInput("Give a client, or a place to register one at.", ["registrationUrl"])
    url = _checked(op, endpoints.registration, "registrationUrl")
    web = op.engine.canvases.web
    try:
        name = f"homeroom: {known.name}"
        return await register(web, url, name, _callbacks(known), given.scopes, given.initial_access_token)
    except WebError as error:
        raise UpstreamUnavailable(f"{error} {SAFE}", known.id) from error


async def _register_in_canvas(
    op: Operation, given: SignIn, endpoints: Endpoints, client: Client, provider: int
) -> tuple[Canvas, facts.AuthenticationProvider]:
    settings = OpenIdConnect(
        client_id=client.id,
        client_secret=client.secret,
        authorize_url=endpoints.authorize or "",
        token_url=endpoints.token or "",
        userinfo_endpoint=endpoints.userinfo,
        end_session_endpoint=endpoints.end_session,
        scope=" ".join(given.scopes),
        login_attribute=given.login_attribute,
    )
    canvas: Canvas | None = None
    try:
        canvas = await op.engine.canvases.get(provider)
        return canvas, await create_authentication_provider(canvas, settings)
    except UpstreamError as error:
        if canvas is not None and not given.client_id and (made := await _made_all_the_same(canvas, client, error)):
            return canvas, made
        await _withdraw(op, client)
        message = f"{MESSAGES.get(error.reason, 'Canvas could not be asked.')} {SAFE}"
        if error.reason in {"REJECTED", "PERMISSION_MISSING", "NOT_FOUND", "ACCESS_KEY_REFUSED"}:
            raise UpstreamRefused(message) from error
        raise UpstreamUnavailable(message, provider, error.retry_after) from error


async def _made_all_the_same(
    canvas: Canvas, client: Client, error: UpstreamError
) -> facts.AuthenticationProvider | None:
    """What Canvas made though its answer was lost: the one of a client that was registered a moment ago."""
    if isinstance(error, (UpstreamCredentials, *PERMANENT)):
        return None
    try:
        found = await list_authentication_providers(canvas)
    except UpstreamError:
        return None
    return next((row for row in found if row.client_id == client.id), None)


async def _use(
    op: Operation, known: rows.Provider, client: Client, made: facts.AuthenticationProvider, scopes: Sequence[str]
) -> None:
    """From now on new logins are made for the new registration; those who have none yet are given one."""
    seal, owner = op.engine.canvases.keyring.seal, login_moves.belongs_to(known.id)
    async with writing(op):
        await lock(Provider.filter(id=known.id)).first()
        live = OidcRegistration.filter(provider_id=known.id, replaced_at=None)
        before = await live.first()
        await live.update(replaced_at=op.now())
        await OidcRegistration.create(
            provider_id=known.id,
            client_id=client.id,
            sealed_client_secret=seal(client.secret, owner),
            redirect_uris=_callbacks(known),
            scopes=list(scopes),
            canvas_provider_id=made.id,
            created_at=op.now(),
            registration_url=client.manage_url,
            sealed_registration_token=seal(client.manage_token, owner) if client.manage_token else None,
        )
        without = ProviderLink.filter(provider_id=known.id, unlinked_at=None)
        await without.exclude(login_state=LoginState.READY).update(login_state=LoginState.PENDING)
        former = {"client_id": before.client_id} if before else None
        await audit.record(op, "recreateOidcClient", ProviderRef(known.id), None, former, {"client_id": client.id})


async def _finish(op: Operation, provider: int) -> list[Step]:
    """Move the logins and remove what was replaced, and have missing logins made."""
    steps = [Step(*step) for step in await login_moves.move(op.engine, provider, INLINE)]
    await logins.start(op, provider)
    return steps


async def _withdraw(
    op: Operation, client: Client, canvas: Canvas | None = None, made: facts.AuthenticationProvider | None = None
) -> None:
    """Take back what was registered for nothing, as far as that goes."""
    if canvas is not None and made is not None:
        with contextlib.suppress(UpstreamError):
            await delete_authentication_provider(canvas, made.id)
    with contextlib.suppress(WebError, ValueError):
        await remove(op.engine.canvases.web, client)


def _callbacks(known: rows.Provider) -> list[str]:
    return [f"{known.base_url}{CALLBACK}"]


def _checked(op: Operation, url: str, path: str) -> str:
    try:
        return op.engine.canvases.web.url(url)
    except ValueError as error:
        raise InvalidInput(str(error), [path]) from error
