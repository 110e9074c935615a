"""Setting up Canvas instances. Department admins only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.models import Facility, Provider, ProviderFacility, ProviderLink
from db.transactions import lock
from domain.enums import MatchPolicy, ProviderKind, ProviderState, Role
from domain.names import fold
from domain.problems import DifferentCanvas, InvalidInput, NameTaken, NotFound
from domain.refs import ProviderRef
from loaders.canvases import belongs_to
from services import audit, text
from services.access import require_role
from services.operation import Operation
from services.writing import writing

TAKEN = NameTaken("There is already a provider with that name.", ["name"])
SHOWN = ("name", "kind", "state", "base_url", "account_id", "match_policy", "nightly_sync", "access_key_fingerprint")
"""What the audit log tells of a provider: never the key."""


@dataclass(frozen=True, slots=True)
class ProviderFields:
    """What is known of a Canvas instance. None: leave as it is. `everywhere` switches it on for all facilities."""

    name: str | None = None
    kind: ProviderKind | None = None
    base_url: str | None = None
    account_id: str | None = None
    access_key: str | None = None
    state: ProviderState | None = None
    match_policy: MatchPolicy | None = None
    nightly_sync: bool | None = None
    facility_ids: Sequence[int] | None = None
    everywhere: bool = False

    def values(self, op: Operation) -> dict[str, Any]:
        """The columns to write, but for the key's. Errors: InvalidInput naming the field."""
        found: dict[str, Any] = {}
        if self.name is not None:
            name = text.required(self.name, "name")
            found |= {"name": name, "sort_key": fold(name)}
        if self.base_url is not None:
            found["base_url"] = _checked(op, self.base_url)
        if self.account_id is not None:
            found["account_id"] = _account(self.account_id)
        plain = {
            "kind": self.kind,
            "state": self.state,
            "match_policy": self.match_policy,
            "nightly_sync": self.nightly_sync,
        }
        return found | {column: value for column, value in plain.items() if value is not None}

    def key(self) -> str | None:
        """The key without the white space it was pasted with. Errors: InvalidInput."""
        if self.access_key is None:
            return None
        key = self.access_key.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise InvalidInput("An access key is one word of plain characters. Paste it again.", ["accessKey"])
        return key


async def create_provider(op: Operation, fields: ProviderFields) -> ProviderRef:
    """A new Canvas instance, switched on at once.

    Errors: NotAllowed below department admin; InvalidInput; NameTaken; NotFound for a facility.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "manage providers")
    values, key = fields.values(op), fields.key()
    for column, path in (("name", "name"), ("base_url", "baseUrl"), ("account_id", "accountId")):
        if column not in values:
            raise InvalidInput("This is needed.", [path])
    if key is None:
        raise InvalidInput("An access key is needed.", ["accessKey"])
    defaults = {"state": ProviderState.ENABLED, "kind": ProviderKind.CANVAS_CLOUD}
    async with writing(op, provider_name=TAKEN):
        row = await Provider.create(**{**defaults, **values})
        _seal(op, row, key)
        await row.save()
        await _switch_on(row, fields)
        after = {name: getattr(row, name) for name in SHOWN}
        await audit.record(op, "createProvider", ProviderRef(row.id), None, None, audit.changes({}, after)[1])
    return ProviderRef(row.id)


async def update_provider(op: Operation, ref: ProviderRef, fields: ProviderFields) -> ProviderRef:
    """Change what is given. Another address or account is another Canvas: its key has to be given with it.

    Errors: NotAllowed below department admin; NotFound; InvalidInput; NameTaken; DifferentCanvas while links are live.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "manage providers")
    values, key = fields.values(op), fields.key()
    async with writing(op, provider_name=TAKEN):
        row = await lock(Provider.filter(id=ref.id)).first()
        if row is None:
            raise NotFound("There is no such provider.", ["id"])
        before = {name: getattr(row, name) for name in SHOWN}
        elsewhere = await _moves_to_another_canvas(row, values, key)
        row.update_from_dict(values)
        if key is not None:
            _seal(op, row, key)
        await row.save()
        await _switch_on(row, fields)
        changed = audit.changes(before, {name: getattr(row, name) for name in SHOWN})
        switched = {} if fields.facility_ids is None else {"facility_ids": list(fields.facility_ids)}
        await audit.record(op, "updateProvider", ref, None, changed[0], changed[1] | switched)
    if elsewhere:
        await op.engine.facts.forget(ref.id)
    elif key is not None or values.get("state") is ProviderState.ENABLED:
        await op.engine.facts.expire(ref.id)
    return ref


async def _moves_to_another_canvas(row: Provider, values: dict[str, Any], key: str | None) -> bool:
    moved = [
        path for path, column in (("baseUrl", "base_url"), ("accountId", "account_id")) if _differs(row, values, column)
    ]
    if not moved:
        return False
    if key is None:
        raise InvalidInput("Another address or account needs its access key again.", ["accessKey"])
    if await ProviderLink.filter(provider_id=row.id, unlinked_at=None).exists():
        raise DifferentCanvas(
            "People are linked to the Canvas behind this provider. Unlink them, or add a new provider.", moved[:1]
        )
    return True


def _differs(row: Provider, values: dict[str, Any], column: str) -> bool:
    return column in values and values[column] != getattr(row, column)


def _seal(op: Operation, row: Provider, key: str) -> None:
    keyring = op.engine.canvases.keyring
    row.sealed_access_key = keyring.seal(key, belongs_to(row.id))
    row.access_key_fingerprint = keyring.fingerprint(key)


async def _switch_on(row: Provider, fields: ProviderFields) -> None:
    if fields.everywhere and fields.facility_ids is not None:
        raise InvalidInput("Give facilities, or everywhere, not both.", ["facilityIds"])
    if fields.everywhere:
        await Provider.filter(id=row.id).update(facility_limited=False)
        await ProviderFacility.filter(provider_id=row.id).delete()
    if fields.facility_ids is not None:
        wanted = list(dict.fromkeys(fields.facility_ids))
        if await Facility.filter(id__in=wanted).count() != len(wanted):
            raise NotFound("There is no such facility.", ["facilityIds"])
        await ProviderFacility.filter(provider_id=row.id).delete()
        await ProviderFacility.bulk_create([ProviderFacility(provider_id=row.id, facility_id=id) for id in wanted])
        await Provider.filter(id=row.id).update(facility_limited=True)


def _checked(op: Operation, base_url: str) -> str:
    try:
        return op.engine.canvases.check_base_url(base_url)
    except ValueError as error:
        raise InvalidInput(str(error), ["baseUrl"]) from error


def _account(account_id: str) -> str:
    found = text.required(account_id, "accountId", 64)
    if not found.replace("~", "").isalnum():
        raise InvalidInput("An account id is Canvas's number of it, or “self”.", ["accountId"])
    return found
