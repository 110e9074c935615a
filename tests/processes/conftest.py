from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import connection
from tests.processes.estate import Estate
from tests.processes.estate import estate as open_estate
from tests.support import caches, databases


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """On PostgreSQL and a Redis of its own."""
    if not databases.POSTGRES or not caches.REDIS or shutil.which("redis-server") is None:
        pytest.skip("needs HOMEROOM_TEST_DATABASE_URL, HOMEROOM_TEST_REDIS_URL and redis-server")
    folder: Path = tmp_path_factory.mktemp("estate")
    with databases.postgres_database(databases.POSTGRES, "processes") as url:
        asyncio.run(connection.migrate(url))
        with open_estate(folder, url) as opened:
            yield opened
