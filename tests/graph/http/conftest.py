from __future__ import annotations

import pytest

from tests.graph import toy


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> toy.World:
    """A toy that remembers nothing of the tests before."""
    fresh = toy.World()
    monkeypatch.setattr(toy, "WORLD", fresh)
    return fresh
