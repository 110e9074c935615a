"""Which facts of Canvas are still the ones an answer was made of, in this process."""

from __future__ import annotations

from collections.abc import Collection

from loaders.bus import Bus, News
from loaders.keys import FactKey

Source = tuple[int, str]
"""A provider's number and a kind of fact."""


class FactVersions:
    """Notes when each kind of fact of each provider last changed: new facts, failed fetches, everything expired.

    Units:  time is a count of news: `now`, before reading anything, and then `stand` as often as wanted.
    Quirk:  what another process stored counts from when its news arrive, which is when this process's own memory lets
            go of the old fact: until then an answer made anew would be the same.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changed: dict[Source, int] = {}
        self._expired: dict[int, int] = {}
        self._lost = 0
        self.now = 0
        self._unlisten = bus.listen(self._hear)

    def stand(self, sources: Collection[Source], since: int) -> bool:
        """Whether none of them has changed since then. No, too, while news of other processes may be missed."""
        if not self._bus.connected or self._lost > since:
            return False
        changed, expired = self._changed, self._expired
        return all(changed.get(of, 0) <= since and expired.get(of[0], 0) <= since for of in sources)

    def close(self) -> None:
        self._unlisten()

    def _hear(self, news: News) -> None:
        self.now += 1
        if news.topic == "resync":
            self._lost = self.now
        elif news.topic == "expired":
            self._expired[news.provider] = self.now
        elif news.topic == "facts":
            self._changed.update(
                dict.fromkeys({(news.provider, FactKey.parse(key).kind) for key in news.keys}, self.now)
            )
