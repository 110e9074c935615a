"""When facts that an answer was made of are no longer the facts there are."""

from __future__ import annotations

import pytest

from loaders.bus import Bus, LocalBus, News
from loaders.keys import FactKey
from loaders.versions import FactVersions

ROSTERS, COURSES, OTHERS = (1, "roster"), (1, "courses"), (2, "roster")


def news(topic: str, provider: int = 1, kind: str = "roster") -> News:
    return News(topic, provider, (FactKey(provider, kind, "7").text,))


@pytest.fixture
def bus() -> Bus:
    return LocalBus()


@pytest.mark.parametrize(
    ("heard", "standing"),
    [
        (news("facts"), [False, True, True]),
        (news("facts", kind="courses"), [True, False, True]),
        (news("facts", 2), [True, True, False]),
        (News("expired", 1, ("2026-03-02T18:00:00+00:00",)), [False, False, True]),
        (News("resync", 0), [False, False, False]),
        (News("run", 0, ("7",)), [True, True, True]),
    ],
)
async def test_news_end_what_they_are_about(bus: Bus, heard: News, standing: list[bool]) -> None:
    versions = FactVersions(bus)
    since = versions.now
    await bus.publish(heard)
    assert [versions.stand([of], since) for of in (ROSTERS, COURSES, OTHERS)] == standing
    assert versions.stand([ROSTERS, COURSES, OTHERS], versions.now)


async def test_nothing_stands_while_news_may_be_missed(bus: Bus) -> None:
    versions = FactVersions(bus)
    bus.connected = False
    assert not versions.stand([], versions.now)


async def test_what_was_closed_hears_nothing(bus: Bus) -> None:
    versions = FactVersions(bus)
    versions.close()
    await bus.publish(news("facts"))
    assert versions.now == 0
