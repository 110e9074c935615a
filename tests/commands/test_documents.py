"""`homeroom documents`: a frontend's operations, checked before they are sent (C-15, C-18, C-20)."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.shell import Shell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
GOOD = "query Names($first: Int = 10) { classes(first: $first) { nodes { name } } }"
TWO = GOOD + " query Mine { viewer { user { fullName } } }"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_documents_are_priced_and_written_as_trusted_documents(shell: Shell, tmp_path: Path) -> None:
    source, trusted = tmp_path / "queries" / "deep", tmp_path / "trusted.json"
    source.mkdir(parents=True)
    (source / "classes.graphql").write_text(TWO)
    (source / "many.gql").write_text(GOOD)
    (source / "many.json").write_text('{"first": 100}')
    told = shell.run("documents", str(tmp_path / "queries"), "--manifest", str(trusted)).splitlines()
    names = [line.rpartition(":")[0].removeprefix(f"{source}/") for line in told]
    assert names == ["classes.graphql Names", "classes.graphql Mine", "many.gql Names"]
    points = [int(line.rpartition(": ")[2].split(" points of ")[0]) for line in told]
    assert points[0] < points[2] / 5
    assert json.loads(trusted.read_text()) == {sha256(text.encode()).hexdigest(): text for text in (TWO, GOOD)}


def test_what_would_be_refused_is_told_and_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    wrong, dear, trusted = tmp_path / "wrong.graphql", tmp_path / "dear.graphql", tmp_path / "trusted.json"
    wrong.write_text("{\n  classs { id }\n}")
    dear.write_text(GOOD)
    shell.env["HOMEROOM_MAX_COST"] = "3"
    shell.env["HOMEROOM_LIMITS"] = "warn"
    told = shell.run("documents", str(wrong), str(dear), "--manifest", str(trusted), fails=True).splitlines()
    assert told[0].startswith(f"{dear} Names: refused, COST_LIMIT: ")
    assert told[0].endswith("of 3)")
    assert told[1].startswith(f"{wrong}: refused, GRAPHQL_VALIDATION_FAILED, line 2: Cannot query field 'classs'")
    assert not trusted.exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no file that ends in .graphql or .gql in"),
        ({"a.graphql": GOOD, "a.json": "[]"}, "a.json holds no variables: it has to be a JSON object."),
        ({"a.graphql": GOOD, "a.json": "{"}, "a.json holds no variables: it has to be a JSON object."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    shell: Shell, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    folder = tmp_path / "queries"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    told = shell.run("documents", str(folder), fails=True)
    assert told.startswith("homeroom: ")
    assert said in told
    assert "Traceback" not in told
