"""The client of each provider, with its unsealed key. The one place that decides whether a provider is asked at all."""

from __future__ import annotations

from canvas.breaker import State
from canvas.client import Canvas
from canvas.connection import Connection
from canvas.pool import CanvasPool
from canvas.web import Web
from db.models import Provider
from db.sealing import Keyring, UnsealError
from domain.enums import ProviderState
from domain.errors import UpstreamCredentials, UpstreamError


def belongs_to(provider: int) -> str:
    """What a provider's access key is sealed for."""
    return f"provider:{provider}"


class Canvases:
    """Clients by provider number."""

    def __init__(self, pool: CanvasPool, keyring: Keyring) -> None:
        self._pool = pool
        self.keyring = keyring

    def check_base_url(self, base_url: str) -> str:
        """A base URL in the one spelling. Errors: ValueError with the reason in plain words."""
        return self._pool.check(base_url)

    def circuits(self) -> dict[int, State]:
        """How the Canvases are that this process has asked, by provider (see canvas.breaker)."""
        return self._pool.circuits()

    @property
    def web(self) -> Web:
        """For the organisation's sign-in server."""
        return self._pool.web

    async def get(self, provider: int) -> Canvas:
        """The client of an enabled provider.

        Errors: UpstreamError for one that is switched off or gone; UpstreamCredentials without a usable access key.
        """
        row = await Provider.get_or_none(id=provider)
        if row is None or row.state != ProviderState.ENABLED:
            raise UpstreamError(provider, "switched off")
        return self._client(row)

    async def trial(self, provider: int) -> Canvas:
        """The same whatever the provider's state, for those who set it up or test it."""
        return self._client(await Provider.get(id=provider))

    def _client(self, row: Provider) -> Canvas:
        try:
            key = self.keyring.unseal(row.sealed_access_key or "", belongs_to(row.id)).strip()
        except UnsealError as error:
            raise UpstreamCredentials(row.id, "no usable access key") from error
        return self._pool.canvas(Connection(row.id, row.base_url, row.account_id, key))
