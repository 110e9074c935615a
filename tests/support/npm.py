"""Frontends' tools from npm: installed once into a folder of this user's cache, run in a folder of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.fetched import fetched

INSTALL = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]


def installed(home: Path) -> Path:
    """The `node_modules` that `home/package.json` pins. Skips the test where they cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js is not on the PATH")
    pins = (home / "package.json").read_bytes()

    def install(work: Path) -> list[list[str]]:
        (work / "package.json").write_bytes(pins)
        return [[npm, *INSTALL]]

    return fetched(home.name, pins, install) / "node_modules"


def project(home: Path, folder: Path, schema: str) -> None:
    """The files of `home`, its packages and the schema in an empty folder."""
    packages = installed(home)
    shutil.copytree(home, folder, dirs_exist_ok=True)
    (folder / "node_modules").symlink_to(packages)
    (folder / "schema.graphql").write_text(schema)


def run(folder: Path, *command: str) -> None:
    """It has to succeed."""
    done = _run([*command], folder)
    assert done.returncode == 0, done.stdout + done.stderr


def refused(folder: Path, *command: str) -> str:
    """It has to fail; what it says."""
    done = _run([*command], folder)
    assert done.returncode != 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
