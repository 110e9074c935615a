"""The demo's people: some are those of the Canvas beside it, some are written otherwise here, some are here alone."""

from __future__ import annotations

import random
from collections.abc import Sequence

from db.models import Facility, User
from domain import facts
from domain.enums import Role
from domain.names import fold, person_key

LINKED_SHARE, KNOWN_SHARE = 0.5, 0.75
"""Of our people: half are linked, a quarter more have an account that waits to be matched, the rest have none."""

OTHERWISE: dict[str, tuple[str, str, bool]] = {
    "Bill Harrison": ("William", "Harrison", True),
    "José Núñez": ("Jose", "Nunez", True),
    "Liz Alvarez": ("Elizabeth", "Alvarez", False),
    "Mike O'Neill": ("Michael", "O'Neill", False),
    "Zoë Müller": ("Zoe", "Muller", False),
    "Renée Côté": ("Renee", "Cote", False),
    "Ana-María de la Cruz": ("De la Cruz", "Ana María", False),
    "Thomas James": ("James", "Thomas", False),
    "Roberta Brown": ("Roberta", "Brown", False),
    "Katherine Stone": ("Katherine", "Stone", False),
    "Miguel Santos": ("Miguel", "Santos", False),
    "Jon Smith": ("J.", "Smith", False),
    "John Smith": ("John", "Smith", False),
    "Dana Whitfield": ("Dana", "Whitfield", False),
    "Prince": ("Prince", "", False),
    "Мария Иванова": ("Мария", "Иванова", True),
}
"""Who has another name here than in Canvas, or a near twin or a second account there, and whether their numbers agree."""
TWINS = frozenset({"Robert Brown", "Catherine Stone", "James Thomas"})
"""Like somebody in `OTHERWISE`, and in Canvas alone."""


async def add_people(
    rng: random.Random, count: int, facilities: Sequence[Facility], accounts: Sequence[facts.Person]
) -> list[User]:
    """Students, those to be linked first."""
    plain = [person for person in accounts if person.login_id and person.name not in OTHERWISE.keys() | TWINS]
    linked, known = int(count * LINKED_SHARE), int(count * KNOWN_SHARE)
    by_name = {person.name: person for person in reversed(accounts)}
    apart = [by_name[name] for name in OTHERWISE if name in by_name][: known - linked]
    same = [*plain[:linked], *apart, *plain[linked : known - len(apart)]]
    users = [_known(n, account, facilities) for n, account in enumerate(same)]
    users += [_local(rng, n, plain, facilities) for n in range(len(same), count)]
    await User.bulk_create(users, batch_size=500)
    return await User.filter(role=Role.STUDENT).order_by("id")


def new_user(
    first: str, last: str, username: str, doc_id: str | None, facility: Facility, role: Role = Role.STUDENT
) -> User:
    """Somebody who is not saved yet."""
    return User(
        username=username,
        username_key=username.casefold(),
        first_name=first,
        last_name=last,
        sort_key=person_key(first, last),
        doc_id=doc_id,
        role=role,
        facility_id=facility.id,
    )


def _known(n: int, account: facts.Person, facilities: Sequence[Facility]) -> User:
    first, last = account.names
    given, family, numbers = OTHERWISE.get(account.name or "", (first or "", last or account.name or "", True))
    if not numbers:
        return new_user(given, family, _username(given, family, n), None, facilities[n % len(facilities)])
    login = account.login_id or _username(given, family, n)
    return new_user(given, family, login, account.sis_user_id, facilities[n % len(facilities)])


def _local(rng: random.Random, n: int, accounts: Sequence[facts.Person], facilities: Sequence[Facility]) -> User:
    one, other = rng.choice(accounts), rng.choice(accounts)
    first, last = one.names[0] or "Kim", other.names[1] or "Lee"
    return new_user(first, last, _username(first, last, n), None, facilities[n % len(facilities)])


def _username(first: str, last: str, n: int) -> str:
    return ".".join(filter(None, (fold(first), fold(last), f"local{n}"))).replace(" ", "").replace("..", ".")
