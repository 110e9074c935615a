"""Typed clients: what frontend teams generate from the schema compiles as strictly as TypeScript can (C-21)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.explorer.page import examples
from graph.schema import schema
from tests.support.npm import project, refused, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
HERE = Path(__file__).parent
TSC = "node_modules/.bin/tsc"
STRICT = ["--strict", "--noEmit", "--skipLibCheck", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"]
ESM = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"]
UNKNOWN = """
import { graphql } from 'relay-runtime'
export const query = graphql`query WrongQuery { classes { nodes { startDay } } }`
"""


def test_typescript_generated_from_the_schema_compiles_strictly(tmp_path: Path) -> None:
    project(HERE / "typescript", tmp_path, schema.as_str())
    shown = []
    for number, example in enumerate(examples()):
        document = tmp_path / f"example{number}.graphql"
        document.write_text(example.query)
        shown.append(document.name)

    run(tmp_path, "node", "generate.mjs", "schema.graphql", "operations.graphql", *shown)
    generated = (tmp_path / "operations.ts").read_text()
    assert "export type MergedQuery " in generated
    assert "__typename: 'NotFoundError'" in generated
    assert re.findall(r"\bany\b", re.sub(r"/\*.*?\*/", "", generated, flags=re.DOTALL)) == []
    run(tmp_path, TSC, *STRICT, "client.ts", "schema.ts", "operations.ts")


def test_relay_pages_refetches_and_links_by_the_schema(tmp_path: Path) -> None:
    """C-01, C-02: what Relay writes for a page and for node(id), it writes by conventions that the schema has to keep."""
    project(HERE / "relay", tmp_path, schema.as_str())
    artifacts = tmp_path / "__generated__"
    artifacts.mkdir()
    compiler = "node_modules/.bin/relay-compiler"

    run(tmp_path, compiler)
    assert sorted(file.name.removesuffix(".graphql.ts") for file in artifacts.iterdir()) == [
        "ClassListPaginationQuery",
        "ClassListQuery",
        "ClassList_query",
        "ClassRosterPaginationQuery",
        "ClassRoster_class",
        "LinkUserMutation",
    ]
    assert "node(id: $id)" in (artifacts / "ClassRosterPaginationQuery.graphql.ts").read_text()
    run(tmp_path, TSC, *STRICT, *ESM, "ClassList.ts", "ClassRoster.ts", "LinkUser.ts")

    (tmp_path / "Wrong.ts").write_text(UNKNOWN)
    assert "The type `Class` has no field `startDay`" in refused(tmp_path, compiler)


def test_gql_tada_types_documents_where_they_stand(tmp_path: Path) -> None:
    project(HERE / "gql_tada", tmp_path, schema.as_str())
    tada = "node_modules/.bin/gql.tada"

    run(tmp_path, tada, "generate-output")
    run(tmp_path, TSC, "--project", ".")
    told = refused(tmp_path, tada, "check")
    assert re.findall(r"^\S+\.ts$", told, re.MULTILINE) == ["wrong.ts"]
    assert 'Cannot query field "startDay" on type "Class"' in told
    assert "1 problems" in told
