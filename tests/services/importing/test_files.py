"""What is no table, and where in it an error is."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.models import User
from domain.problems import InvalidInput
from services.imports import import_file
from tests.support.importing import Place, told
from tests.support.mutations import stored


async def test_lines_that_contradict_each_other_are_told(place: Place) -> None:
    report = await place.load(
        "username,first_name,program,class,class_facility,capacity\n"
        "a,Ann,Trades,Welding,North,5\n"
        "b,Ben,Trades,Welding,North,6\n"
        "A,Anna,,,,\n"
    )
    assert told(report) == [
        (3, "capacity", "Line 2 says something else of the same class."),
        (4, "first_name", "Line 2 says something else of the same person."),
    ]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", [(1, None, "The first row names the columns: username, program or class at least.")]),
        ("name,age\nx,1\n", [(1, None, "The first row names the columns: username, program or class at least.")]),
        (
            "username,shoe_size,Username\nx,1,y\n",
            [(1, "shoe_size", "There is no such column."), (1, "username", "This column is there twice.")],
        ),
        (
            'username,first_name\na,"An\nn"\nb,"Ben',
            [(4, None, "This is not CSV from here on: look for a quotation mark too many.")],
        ),
        ("username,first_name\na,Ann,Lee\n", [(2, None, "This row has more cells than the header.")]),
    ],
)
async def test_a_file_that_is_no_such_table_is_told_as_such(
    place: Place, text: str, errors: list[tuple[int, str | None, str]]
) -> None:
    before = await stored()
    report = await place.load(text)
    assert (told(report), report.written) == (errors, False)
    assert await stored() == before


async def test_a_line_is_numbered_as_an_editor_does_even_after_cells_of_many_lines(place: Place) -> None:
    report = await place.load('program,program_description\nA,"one\ntwo\nthree"\nB,\n,lost\n')
    assert told(report) == [(6, "program_description", "This needs the column program to be filled too.")]


async def test_a_file_may_have_a_byte_order_mark_and_must_be_utf_8(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("\ufeffusername\tfirst_name\njo\tZoë\n".encode())
    report = await import_file(await place.op(place.department), path, dry_run=False)
    assert (told(report), (await User.get(username="jo")).first_name) == ([], "Zoë")
    path.write_bytes("username,first_name\njo,Zoë\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        await import_file(await place.op(place.department), path, dry_run=False)


async def test_the_errors_as_a_file_hold_no_formula(place: Place) -> None:
    report = await place.load("username,first_name,=1+1\nx,y,z\n")
    assert report.errors_csv() == "line,column,message\r\n1,'=1+1,There is no such column.\r\n"
