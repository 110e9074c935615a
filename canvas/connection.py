"""Where one Canvas is and who we are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Connection:
    """One provider's address, account and access key. The key never shows in `repr`.

    `provider` is the provider's number; `base_url` has no path; `account_id` may be `self`.
    """

    provider: int
    base_url: str
    account_id: str
    access_key: str = field(repr=False)

    @property
    def bucket(self) -> str:
        """A name for Canvas's throttle bucket of this key, safe to store: one limiter and breaker each."""
        return sha256(f"{self.base_url}\n{self.access_key}".encode()).hexdigest()[:24]

    @property
    def key_is_sendable(self) -> bool:
        """Whether the key can stand in a header at all."""
        return bool(self.access_key) and all("!" <= c <= "~" for c in self.access_key)
