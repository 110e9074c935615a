"""Operations known again by the very bytes that asked for them."""

from __future__ import annotations

from collections import OrderedDict

from graph.http.answers import Operation

Key = tuple[bool, bool, bytes]
"""Whether it was a GET, whether somebody had signed in, and what was sent."""

_MOST = 1_000
_LONGEST = 16_384


class Repeats:
    """Parsed, allowed and priced once. Bounded by count and by length; the longest unused go first."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Operation] = OrderedDict()

    def get(self, key: Key) -> Operation | None:
        operation = self._known.get(key)
        if operation is not None:
            self._known.move_to_end(key)
        return operation

    def put(self, key: Key, operation: Operation) -> None:
        if len(key[2]) <= _LONGEST:
            self._known[key] = operation
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
