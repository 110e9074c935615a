"""Secrets at rest: AES-256-GCM, a key id in front, and what the secret belongs to as associated data."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEY = 32


class WeakKeyError(ValueError):
    """A key that is not 32 random bytes in url-safe base64."""


class UnsealError(Exception):
    """A secret sealed with a key we do not have, for something else, or altered."""


class Keyring:
    """Seals with the newest key, unseals with whichever made the secret."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise WeakKeyError("There is no secret key.")
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])
        self._fingerprint_key = keys[-1]
        self._signing_keys = [hmac.digest(key, b"homeroom signatures", "sha256") for key in keys]

    @classmethod
    def parse(cls, setting: str) -> Keyring:
        """The keyring of HOMEROOM_SECRET_KEY: url-safe base64 keys, comma-separated, newest first."""
        return cls([_decode(part.strip()) for part in setting.split(",") if part.strip()])

    def seal(self, secret: str, belongs_to: str) -> str:
        """`key id.nonce and ciphertext`, for the eyes of `unseal` with the same `belongs_to`."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._keys[self._newest].encrypt(nonce, secret.encode(), belongs_to.encode())
        return f"{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, belongs_to: str) -> str:
        """The secret. Raises UnsealError."""
        key_id, _, data = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(data)
            return self._keys[key_id].decrypt(raw[:_NONCE], raw[_NONCE:], belongs_to.encode()).decode()
        except (KeyError, InvalidTag, binascii.Error) as error:
            raise UnsealError(belongs_to) from error

    def is_current(self, sealed: str) -> bool:
        """Whether the newest key made it; if not, `homeroom keys rotate` seals it again."""
        return sealed.startswith(f"{self._newest}.")

    def fingerprint(self, secret: str) -> str:
        """Four hex digits that tell two secrets apart and nothing about either."""
        return hmac.new(self._fingerprint_key, secret.encode(), hashlib.sha256).hexdigest()[:4]

    def sign(self, text: str) -> str:
        """A signature of `text` by the newest key, fit for an address."""
        return _signature(self._signing_keys[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether any of our keys made that signature of `text`."""
        made = (_signature(key, text) for key in self._signing_keys)
        return any(hmac.compare_digest(one.encode(), signature.encode()) for one in made)


def new_key() -> str:
    """A fresh key as HOMEROOM_SECRET_KEY wants it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY)).decode()


def _decode(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise WeakKeyError("HOMEROOM_SECRET_KEY is not url-safe base64.") from error
    if len(key) != _KEY or len(set(key)) < 8:
        raise WeakKeyError("HOMEROOM_SECRET_KEY must be 32 random bytes in url-safe base64.")
    return key


def _signature(key: bytes, text: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).decode().rstrip("=")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"homeroom key id" + key).hexdigest()[:8]
