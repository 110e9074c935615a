"""Two facilities with their admins, and statements counted."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from domain.enums import Role
from tests import factories
from tests.support.house import House
from tests.support.importing import Counter, Place


@pytest.fixture
async def place(house: House) -> Place:
    north = await factories.facility(name="North", time_zone="America/Chicago")
    south = await factories.facility(name="South")
    department = await factories.user(role=Role.DEPARTMENT_ADMIN)
    return Place(house, north, south, department, await factories.user(role=Role.FACILITY_ADMIN, facility=north))


@pytest.fixture
def counter() -> Iterator[Counter]:
    handler, log = Counter(), logging.getLogger("tortoise.db_client")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    yield handler
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)
    log.propagate = True
