from __future__ import annotations

from db.models import AuditEntry, Program
from domain.enums import Role
from tests import factories
from tests.support.house import House

CREATE = """
mutation Create($input: CreateProgramInput!) {
  createProgram(input: $input) { program { id name source } errors { __typename ... on UserError { message path } } } }
"""


async def test_a_department_admin_creates_a_program(house: House) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    data = await house.data(CREATE, admin, input={"name": "Trades", "types": ["Vocational"]})
    assert data["createProgram"]["errors"] == []
    assert data["createProgram"]["program"]["name"] == "Trades"
    entry = await AuditEntry.get()
    assert (entry.action, entry.actor_id, entry.after["name"]) == ("createProgram", admin.id, "Trades")


async def test_a_taken_name_is_a_typed_error_and_nothing_is_written(house: House) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    await factories.program(name="Trades")
    data = await house.data(CREATE, admin, input={"name": " tràdes "})
    assert data["createProgram"] == {
        "program": None,
        "errors": [
            {"__typename": "NameTakenError", "message": "There is already a program with that name.", "path": ["name"]}
        ],
    }
    assert await Program.all().count() == 1
    assert await AuditEntry.all().count() == 0


async def test_a_repeat_with_the_same_key_answers_the_same_and_writes_once(house: House) -> None:
    """C-25."""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    given = {"name": "Trades", "idempotencyKey": "k1"}
    first = await house.data(CREATE, admin, input=given)
    again = await house.data(CREATE, admin, input=given)
    assert again == first
    assert await Program.all().count() == 1
    other = await house.data(CREATE, admin, input={**given, "name": "Arts"})
    assert [error["__typename"] for error in other["createProgram"]["errors"]] == ["InvalidInputError"]


async def test_a_facility_admin_may_not(house: House) -> None:
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=await factories.facility())
    data = await house.data(CREATE, admin, input={"name": "Trades"})
    assert [error["__typename"] for error in data["createProgram"]["errors"]] == ["NotAllowedError"]


async def test_nobody_is_told_to_sign_in(house: House) -> None:
    result = await house.run(CREATE, None, input={"name": "Trades"})
    assert result.data == {"createProgram": None}
    assert [error.extensions["code"] for error in result.errors or []] == ["UNAUTHENTICATED"]
