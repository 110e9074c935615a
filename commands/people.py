"""`facility add`, `facility list`, `user add`, `token`: a first start without a browser."""

from __future__ import annotations

import asyncio
import sys

from cyclopts import App

from commands.running import fail, operation
from db.models import Facility, User
from domain.enums import Role
from domain.names import fold
from graph.auth import issue_token
from services.facility_changes import FacilityFields, create_facility
from services.user_changes import UserFields, create_user
from settings import settings

facility = App(name="facility", help="The organisation's places.")
user = App(name="user", help="The organisation's people.")


@facility.command(name="add")
def add_facility(*, name: str, time_zone: str) -> None:
    """Add a facility.

    Example: homeroom facility add --name "Cedar Ridge" --time-zone America/Chicago

    Args:
        name: What it is called; no two are called the same.
        time_zone: Its IANA time zone.
    """

    async def add() -> None:
        async with operation(settings()) as op:
            await create_facility(op, FacilityFields(name=name, time_zone=time_zone))

    asyncio.run(add())
    sys.stdout.write(f"Added {name}\n")


@facility.command(name="list")
def list_facilities() -> None:
    """Print every facility with its time zone, by name.

    Example: homeroom facility list
    """

    async def read() -> list[tuple[str, str]]:
        async with operation(settings()):
            return [(row.name, row.time_zone) for row in await Facility.all().order_by("sort_key")]

    sys.stdout.writelines(f"{name}  {time_zone}\n" for name, time_zone in asyncio.run(read()))


@user.command(name="add")
def add_user(
    *,
    username: str,
    role: Role,
    facility: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
) -> None:
    """Add a person.

    Example: homeroom user add --username ada --role DEPARTMENT_ADMIN --first-name Ada --last-name Byron

    Args:
        username: What they sign in with; no two have the same.
        role: What they may do.
        facility: The name of their facility; department and system admins need none.
        first_name: Without it, the username.
        last_name: Without it, the username.
    """

    async def add() -> None:
        async with operation(settings()) as op:
            place = await Facility.get_or_none(sort_key=fold(facility)) if facility else None
            if facility and place is None:
                fail(f"there is no facility called {facility}.")
            fields = UserFields(
                username=username,
                first_name=first_name or username,
                last_name=last_name or username,
                role=role,
                facility_id=place.id if place else None,
            )
            await create_user(op, fields)

    asyncio.run(add())
    sys.stdout.write(f"Added {username}\n")


def token(*, username: str, hours: float = 12) -> None:
    """Print a bearer token for a person, signed with HOMEROOM_AUTH_SECRET, and nothing else.

    Example: curl -H "Authorization: Bearer $(homeroom token --username ada)" …

    Args:
        username: Whose token.
        hours: How long it is good for.
    """
    chosen = settings()
    if chosen.auth_secret is None:
        fail("tokens are made with HOMEROOM_AUTH_SECRET, which is not set.")

    async def subject() -> str:
        async with operation(chosen):
            row = await User.get_or_none(username_key=username.casefold(), deactivated_at=None)
        if row is None:
            fail(f"there is nobody called {username}.")
        value = getattr(row, chosen.auth_subject)
        return str(value) if value is not None else fail(f"{username} has no {chosen.auth_subject}.")

    named = asyncio.run(subject())
    secret = chosen.auth_secret.get_secret_value()
    made = issue_token(secret, named, hours, issuer=chosen.auth_issuer, audience=chosen.auth_audience)
    sys.stdout.write(f"{made}\n")
