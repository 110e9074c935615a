"""A typed client for Python: generated from the schema, strict for mypy, and answered by homeroom (C-21)."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

import pytest

from domain.enums import Role
from graph.auth import issue_token
from graph.explorer.page import examples
from graph.schema import schema
from tests import factories
from tests.support.fetched import fetched
from tests.support.npm import run
from tests.support.served import SECRET, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
HERE = Path(__file__).with_name("python")
OPERATIONS = Path(__file__).with_name("typescript") / "operations.graphql"
PIP = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "-r"]


@pytest.fixture(scope="session")
def ariadne_codegen() -> Path:
    """In an environment of its own, in this user's cache: it wants another graphql-core than homeroom."""
    lock = HERE / "requirements.lock"
    name = f"ariadne-{sys.version_info.major}.{sys.version_info.minor}"

    def install(work: Path) -> list[list[str]]:
        return [[sys.executable, "-m", "venv", "."], [str(work / "bin" / "python"), *PIP, str(lock)]]

    return fetched(name, lock.read_bytes(), install) / "bin" / "python"


@pytest.fixture
def project(ariadne_codegen: Path, tmp_path: Path) -> Path:
    shutil.copytree(HERE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "schema.graphql").write_text(schema.as_str())
    operations = tmp_path / "operations"
    operations.mkdir()
    shutil.copy(OPERATIONS, operations)
    for number, example in enumerate(examples()):
        (operations / f"example{number}.graphql").write_text(example.query)
    run(tmp_path, str(ariadne_codegen), "-m", "ariadne_codegen")
    return tmp_path


async def test_a_client_for_python_is_strict_and_answered(
    project: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generator's own base client is not held to mypy's strictness; all that is made of the schema is."""
    run(project, sys.executable, "-m", "mypy", "homeroom_client", "uses.py")
    monkeypatch.syspath_prepend(project)
    homeroom, uses = importlib.import_module("homeroom_client"), importlib.import_module("uses")
    async with served(database_url) as here:
        admin = await factories.user(role=Role.SYSTEM_ADMIN)
        await factories.school_class(name="Drawing")
        client = homeroom.Client("http://homeroom/graphql", http_client=here.http)
        assert (await client.viewer()).viewer is None
        here.http.headers["authorization"] = f"Bearer {issue_token(SECRET, admin.username)}"
        assert await uses.classes(client) == [("Drawing", None, 0)]
        assert await uses.outcome(client, uses.asked) == "This is not an id of ours."
