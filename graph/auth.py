"""Who is asking: bearer tokens of an OIDC issuer (its key set) or of a shared secret, checked and turned into an identity."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, OctKey

from domain.clock import Clock, utc_now
from graph.jwks import KeySource, algorithms_for
from settings import Settings

SKEW = timedelta(seconds=60)
LONGEST = 16_384
"""Bytes of a token: those of real issuers have one or two thousand."""
_REMEMBERED = 4_096
_REMEMBER_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked token's subject, and the `exp` until which it speaks for them (aware UTC)."""

    subject: str
    expires_at: datetime


class InvalidTokenError(Exception):
    """A token that proves nothing. The message may be shown to whoever sent it."""


class NoAuthError(ValueError):
    """The settings cannot tell anybody from anybody: `serve` refuses to start."""


class TokenVerifier:
    """Checks signature, algorithm, issuer, audience, `exp` and `nbf`. A token once found good is good for a minute."""

    def __init__(
        self,
        *,
        secret: str | None = None,
        keys: KeySource | None = None,
        issuer: str | None = None,
        audience: str | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._secret = None if secret is None else OctKey.import_key(strong(secret))
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._now = now
        self._good: OrderedDict[bytes, tuple[Identity, datetime]] = OrderedDict()

    async def identify(self, token: str) -> Identity:
        """Raise InvalidTokenError, or KeysUnavailableError where the issuer's keys cannot be had."""
        if len(token) > LONGEST:
            raise InvalidTokenError("The token is too long.")
        digest = hashlib.blake2b(token.encode(), digest_size=16).digest()
        known = self._good.get(digest)
        now = self._now()
        if known is not None and now < known[1]:
            return known[0]
        identity = self._read(token, await self._key(token))
        self._good[digest] = (identity, min(now + _REMEMBER_FOR, max(identity.expires_at, now)))
        if len(self._good) > _REMEMBERED:
            self._good.popitem(last=False)
        return identity

    async def _key(self, token: str) -> Key:
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as error:
            raise InvalidTokenError("The token is not a signed JSON Web Token.") from error
        algorithm, kid = header.get("alg"), header.get("kid")
        if self._secret is not None and algorithm == "HS256":
            return self._secret
        key = None if self._keys is None else await self._keys.find(kid, str(algorithm))
        if key is None:
            raise InvalidTokenError("The token is signed with a key or an algorithm that is not accepted here.")
        return key

    def _read(self, token: str, key: Key) -> Identity:
        try:
            claims = jwt.decode(token, key, algorithms=algorithms_for(key)).claims
            self._rules().validate(claims)
            return Identity(str(claims["sub"]), datetime.fromtimestamp(claims["exp"], UTC))
        except ExpiredTokenError as error:
            raise InvalidTokenError("The token has expired.") from error
        except (JoseError, ValueError, TypeError, OverflowError, OSError) as error:
            raise InvalidTokenError("The token is not valid here.") from error

    def _rules(self) -> jwt.JWTClaimsRegistry:
        expected: dict[str, jwt.ClaimsOption] = {"sub": {"essential": True}, "exp": {"essential": True}}
        if self._issuer is not None:
            expected["iss"] = {"essential": True, "value": self._issuer}
        if self._audience is not None:
            expected["aud"] = {"essential": True, "value": self._audience}
        return jwt.JWTClaimsRegistry(now=int(self._now().timestamp()), leeway=int(SKEW.total_seconds()), **expected)


def verifier(settings: Settings, now: Clock = utc_now) -> TokenVerifier:
    """The verifier these settings describe."""
    if settings.auth_secret is None and settings.auth_jwks_url is None:
        raise NoAuthError("Set HOMEROOM_AUTH_JWKS_URL or HOMEROOM_AUTH_SECRET: without one nobody can sign in.")
    return TokenVerifier(
        secret=None if settings.auth_secret is None else settings.auth_secret.get_secret_value(),
        keys=None if settings.auth_jwks_url is None else KeySource(settings.auth_jwks_url),
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
        now=now,
    )


def bearer(header: str | None) -> str | None:
    """The token in an `Authorization` header; None without one."""
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidTokenError("The Authorization header must be `Bearer` and a token.")
    return token.strip()


def seconds_left(identity: Identity, now: Clock = utc_now) -> float:
    """How long a connection of theirs may last; a token taken within the clocks' tolerance gets that tolerance."""
    left = (identity.expires_at - now()).total_seconds()
    return left if left > 0 else max(0.0, left + SKEW.total_seconds())


def strong(secret: str) -> str:
    """The secret itself, if nobody can guess it."""
    if len(secret.encode()) < 32 or len(set(secret)) < 8:
        raise NoAuthError("HOMEROOM_AUTH_SECRET must be at least 32 random bytes.")
    return secret


def issue_token(
    secret: str,
    subject: str,
    hours: float = 12,
    *,
    issuer: str | None = None,
    audience: str | None = None,
    now: Clock = utc_now,
) -> str:
    """A token of the shared secret, for `homeroom token` and the demo."""
    start = now()
    claims: dict[str, object] = {
        "sub": subject,
        "iat": int(start.timestamp()),
        "exp": int((start + timedelta(hours=hours)).timestamp()),
        "jti": secrets.token_hex(8),
    }
    claims |= {name: value for name, value in (("iss", issuer), ("aud", audience)) if value is not None}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(strong(secret)), algorithms=["HS256"])
