"""Sealing every secret again with the newest key."""

from __future__ import annotations

from db.models import OidcRegistration, Provider
from db.transactions import lock
from domain.refs import ProviderRef
from loaders.canvases import belongs_to
from services import audit
from services.operation import Operation
from services.writing import writing


async def rotate(op: Operation) -> int:
    """How many secrets were not sealed with the newest key, and are now.

    Errors: UnsealError for a secret whose key is not in the keyring; nothing is changed then.
    """
    keyring, sealed = op.engine.canvases.keyring, 0
    async with writing(op):
        for row in await lock(Provider.exclude(sealed_access_key=None)):
            if row.sealed_access_key and not keyring.is_current(row.sealed_access_key):
                key = keyring.unseal(row.sealed_access_key, belongs_to(row.id))
                row.sealed_access_key = keyring.seal(key, belongs_to(row.id))
                row.access_key_fingerprint = keyring.fingerprint(key)
                await row.save(update_fields=["sealed_access_key", "access_key_fingerprint"])
                await audit.record(op, "rotateKey", ProviderRef(row.id), None, None, {"sealed": "access key"})
                sealed += 1
        for client in await lock(OidcRegistration.all()):
            if not keyring.is_current(client.sealed_client_secret):
                secret = keyring.unseal(client.sealed_client_secret, belongs_to(client.provider_id))
                client.sealed_client_secret = keyring.seal(secret, belongs_to(client.provider_id))
                await client.save(update_fields=["sealed_client_secret"])
                ref = ProviderRef(client.provider_id)
                await audit.record(op, "rotateKey", ref, None, None, {"sealed": "client secret"})
                sealed += 1
    return sealed
