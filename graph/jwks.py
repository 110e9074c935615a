"""An OIDC issuer's published keys, fetched when needed and kept while they serve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

log = structlog.get_logger("auth")

_FRESH_SECONDS = 600.0
_RETRY_SECONDS = 30.0
_LARGEST = 1_000_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CURVES = {"P-256": ["ES256"], "P-384": ["ES384"], "P-521": ["ES512"]}


class KeysUnavailableError(Exception):
    """The issuer's keys are not known and cannot be fetched now."""


def algorithms_for(key: Key) -> list[str]:
    """What a key of this type may have signed with. A public key is never taken for a shared secret."""
    match key:
        case OctKey():
            return ["HS256"]
        case RSAKey():
            return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
        case ECKey():
            return _CURVES.get(key.curve_name, [])
        case OKPKey():
            return ["EdDSA", "Ed25519"] if key.curve_name == "Ed25519" else []


class KeySource:
    """One key set by its address. An unknown key id has it fetched again, at most twice a minute."""

    def __init__(
        self,
        url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("HOMEROOM_AUTH_JWKS_URL must be an https address.")
        self._url = url
        self._transport = transport
        self._clock = clock
        self._keys: list[Key] = []
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: object, algorithm: str) -> Key | None:
        """The key that may have signed so; None where the issuer has no such key."""
        if self._clock() - self._fetched > _FRESH_SECONDS:
            await self._refresh()
        key = self._pick(kid, algorithm)
        if key is None and await self._refresh():
            key = self._pick(kid, algorithm)
        if key is None and not self._keys:
            raise KeysUnavailableError
        return key

    def _pick(self, kid: object, algorithm: str) -> Key | None:
        fit = [key for key in self._keys if algorithm in algorithms_for(key) and _agrees(key, algorithm)]
        if kid is not None:
            return next((key for key in fit if key.kid == kid), None)
        return fit[0] if len(fit) == 1 else None

    async def _refresh(self) -> bool:
        """Fetch the set unless that was tried a moment ago; answer whether there may be something new."""
        asked = self._clock()
        async with self._lock:
            if self._tried > asked:
                return True
            if asked - self._tried < _RETRY_SECONDS:
                return False
            self._tried = self._clock()
            try:
                self._keys = _signing(await self._fetch())
            except (httpx.HTTPError, JoseError, ValueError, TypeError, KeyError) as error:
                log.warning("key set not fetched", error=type(error).__name__)
                return False
            self._fetched = self._tried
            return True

    async def _fetch(self) -> KeySet:
        async with httpx.AsyncClient(transport=self._transport, timeout=5) as client:
            reply = await client.get(self._url, headers={"accept": "application/json"})
        reply.raise_for_status()
        if len(reply.content) > _LARGEST:
            raise ValueError("the key set is too large")
        known = [row for row in reply.json()["keys"] if row.get("kty") in {"RSA", "EC", "OKP"}]
        return KeySet.import_key_set({"keys": known})


def _signing(keys: KeySet) -> list[Key]:
    return [key for key in keys.keys if key.get("use") in {None, "sig"}]


def _agrees(key: Key, algorithm: str) -> bool:
    return key.get("alg") in {None, algorithm}
