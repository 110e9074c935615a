"""What tests need from elsewhere and homeroom does not: fetched once into a folder of this user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

FETCH_SECONDS = 75
"""All of it, so that a slow network is a skip and not a test that is ended."""


def fetched(name: str, pins: bytes, commands: Callable[[Path], list[list[str]]]) -> Path:
    """The folder that `commands` filled, for these pins. Skips the test where they fail or take too long."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homeroom"
    folder = cache / f"{name}-{hashlib.sha256(pins).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=cache))
    for command in commands(work):
        try:
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            shutil.rmtree(work)
            pytest.skip(f"{name} could not be fetched in {FETCH_SECONDS} s")
        if done.returncode:
            shutil.rmtree(work)
            pytest.skip(f"{name} could not be fetched: {done.stderr.strip()[-300:]}")
    try:
        work.rename(folder)
    except OSError:  # another worker was faster
        shutil.rmtree(work)
    return folder
