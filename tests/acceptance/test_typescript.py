"""Typed clients: what frontend teams generate from the schema compiles as strictly as TypeScript can."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from graph.explorer.page import examples
from graph.schema import schema

HERE = Path(__file__).with_name("typescript")
STRICT = ["--strict", "--noEmit", "--skipLibCheck", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"]


@pytest.fixture(scope="session")
def packages() -> Path:
    """The pinned npm packages, installed once into a folder of this user's cache."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js is not on the PATH")
    pins = (HERE / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homeroom"
    folder = cache / f"typescript-{hashlib.sha256(pins).hexdigest()[:16]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=cache))
        (work / "package.json").write_bytes(pins)
        command = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode:
            shutil.rmtree(work)
            pytest.skip(f"npm could not fetch the packages: {done.stderr.strip()[-300:]}")
        try:
            work.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(work)
    return folder


def test_typescript_generated_from_the_schema_compiles_strictly(packages: Path, tmp_path: Path) -> None:
    for name in ("generate.mjs", "client.ts", "operations.graphql"):
        shutil.copy(HERE / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")
    (tmp_path / "schema.graphql").write_text(schema.as_str())
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
    run(tmp_path, "node_modules/.bin/tsc", *STRICT, "client.ts", "schema.ts", "operations.ts")


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
