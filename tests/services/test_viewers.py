"""From a token's subject to a person, and what keeps people who sign in by e-mail apart."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import User
from domain.enums import Role
from domain.refs import UserRef
from domain.scope import SYSTEM
from services.imports import import_file
from services.operation import begin
from services.viewers import shut_out, viewer
from tests import factories
from tests.support.house import NOON, House, gid
from tests.support.house import house as open_house
from tests.support.mutations import ask

TAKEN = "Somebody else has that e-mail address, and people sign in by it."


@pytest.mark.usefixtures("database")
async def test_a_subject_names_one_active_person_by_the_column_of_the_settings() -> None:
    ada = await factories.user(username="Ada", email="ada@example.org", doc_id="D1")
    subjects = {"username": "aDA", "id": str(ada.id), "doc_id": "D1", "email": "ada@example.org"}
    for column, subject in subjects.items():
        found = await viewer(column, subject)
        assert (found.id if found else None) == ada.id, column
    await User.filter(id=ada.id).update(deactivated_at=NOON)
    assert [await viewer(column, subject) for column, subject in subjects.items()] == [None] * 4


@pytest.mark.parametrize("column", ["username", "id", "doc_id", "email"])
@pytest.mark.parametrize("subject", ["", "0", "-1", "1.0", "9" * 12, "9" * 5_000, "a\0b", "\ud800", "²"])
@pytest.mark.usefixtures("database")
async def test_a_subject_that_can_name_nobody_names_nobody(column: str, subject: str) -> None:
    await factories.user()
    assert await viewer(column, subject) is None


@pytest.mark.usefixtures("database")
async def test_an_e_mail_that_two_share_names_neither_and_is_counted() -> None:
    for _ in range(2):
        await factories.user(email="same@example.org")
    await factories.user(email="same@example.org", deactivated_at=NOON)
    await factories.user(email="own@example.org", role=Role.DEPARTMENT_ADMIN)
    await factories.user(email=None, role=Role.SYSTEM_ADMIN)
    assert await viewer("email", "same@example.org") is None
    assert await shut_out("email") == (2, 1)
    assert await shut_out("username") == (0, 0)


async def lock_out(house: House) -> tuple[User, User]:
    """A department admin with an e-mail, and the admin of a facility."""
    boss = await factories.user(role=Role.DEPARTMENT_ADMIN, email="boss@example.org")
    north = await factories.facility(name="North")
    return boss, await factories.user(role=Role.FACILITY_ADMIN, facility=north, email="warden@example.org")


async def test_nobody_is_given_the_e_mail_by_which_another_signs_in(database: str) -> None:
    """Else a facility admin could lock every other admin out."""
    async with open_house(auth_subject="email") as house:
        boss, warden = await lock_out(house)
        new: dict[str, Any] = {"username": "ann", "firstName": "Ann", "email": boss.email}
        reply = await ask(house, warden, "createUser", "user { id }", **new)
        assert (reply.codes, reply.paths) == (["NameTakenError"], [["email"]])
        ann = await factories.user(facility_id=warden.facility_id)
        reply = await ask(house, warden, "updateUser", "user { id }", id=gid(UserRef(ann.id)), email=boss.email)
        assert (reply.codes, reply.paths) == (["NameTakenError"], [["email"]])
        away = await factories.user(facility_id=warden.facility_id, email=boss.email, deactivated_at=NOON)
        reply = await ask(house, warden, "reactivateUser", "user { id }", id=gid(UserRef(away.id)))
        assert reply.codes == ["ConflictError"]
        text = f"username,first_name,email,facility\nbea,Bea,{boss.email},North\ncat,Cat,c@x.org,North\ndan,Dan,c@x.org,North\n"
        report = await import_file(begin(house.engine, SYSTEM), text, dry_run=False)
        assert [(error.line, error.column, error.message) for error in report.errors] == [
            (2, "email", TAKEN),
            (4, "email", TAKEN),
        ]
        found = await viewer("email", "boss@example.org")
        assert (found.id if found else None) == boss.id


async def test_where_people_sign_in_by_name_e_mails_may_be_shared(house: House) -> None:
    boss, warden = await lock_out(house)
    reply = await ask(house, warden, "createUser", "user { email }", username="ann", firstName="Ann", email=boss.email)
    assert (reply.codes, reply.subject) == ([], {"user": {"email": "boss@example.org"}})
