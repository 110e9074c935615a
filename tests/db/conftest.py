from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases


@pytest.fixture
def empty_url(tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if not databases.POSTGRES:
        yield f"sqlite://{tmp_path}/empty.sqlite3"
        return
    with databases.postgres_database(databases.POSTGRES, "empty") as url:
        yield url
