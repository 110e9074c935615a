"""`provider add`, `provider list`, `provider test`, `keys new`, `keys rotate`: connections and their keys."""

from __future__ import annotations

import asyncio
import sys

from cyclopts import App

from commands.running import fail, operation
from db.models import Provider
from db.sealing import new_key
from domain.names import fold
from domain.refs import ProviderRef
from services.key_rotation import rotate
from services.provider_changes import ProviderFields, create_provider
from services.provider_checks import check_provider
from settings import settings

provider = App(name="provider", help="Connected Canvas instances.")
keys = App(name="keys", help="The keys that seal secrets.")


@provider.command
def add(*, name: str, base_url: str, account_id: str) -> None:
    """Connect a Canvas instance. Its access key is read from standard input.

    Example: homeroom provider add --name "State College" --base-url https://canvas.example.org --account-id 1 < key.txt

    Args:
        name: What it is called here.
        base_url: Its web address, without a path.
        account_id: The number of the account in Canvas, or `self` for the key's own.
    """
    if sys.stdin.isatty():
        sys.stderr.write("Paste the access key and press Enter: ")
    key = sys.stdin.readline()

    async def create() -> None:
        async with operation(settings()) as op:
            await create_provider(
                op, ProviderFields(name=name, base_url=base_url, account_id=account_id, access_key=key)
            )

    asyncio.run(create())
    sys.stdout.write(f"Added {name}. Try it with: homeroom provider test --name {name!r}\n")


@provider.command(name="list")
def list_providers() -> None:
    """Print every Canvas by name, with its address and whether it is on.

    Example: homeroom provider list
    """

    async def read() -> list[Provider]:
        async with operation(settings()):
            return await Provider.all().order_by("sort_key")

    sys.stdout.writelines(f"{row.name}  {row.base_url}  {row.state.lower()}\n" for row in asyncio.run(read()))


@provider.command
def test(*, name: str) -> None:
    """Try a connection: address, key, account, permissions. Exit code 1 where something that is needed fails.

    Example: homeroom provider test --name "State College"

    Args:
        name: What it is called here.
    """

    async def check() -> bool:
        async with operation(settings()) as op:
            row = await Provider.get_or_none(sort_key=fold(name))
            if row is None:
                fail(f"there is no provider called {name}.")
            found = await check_provider(op, ProviderRef(row.id))
        for line in found:
            mark = "ok " if line.ok else "NO " if line.required else "-- "
            sys.stdout.write(f"{mark} {line.name:<13}{line.message}\n")
        return all(line.ok for line in found if line.required)

    if not asyncio.run(check()):
        raise SystemExit(1)


@keys.command
def new() -> None:
    """Print a new key for HOMEROOM_SECRET_KEY.

    Example: export HOMEROOM_SECRET_KEY=$(homeroom keys new)
    """
    sys.stdout.write(f"{new_key()}\n")


@keys.command(name="rotate")
def rotate_keys() -> None:
    """Seal every secret again with the first key of HOMEROOM_SECRET_KEY. The others may be dropped afterwards.

    Example: HOMEROOM_SECRET_KEY=$NEW,$OLD homeroom keys rotate
    """

    async def run() -> int:
        async with operation(settings()) as op:
            return await rotate(op)

    sys.stdout.write(f"{asyncio.run(run())} secrets sealed again\n")
