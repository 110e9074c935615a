"""The statements that the database was given, counted by kind."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

FIELDS_TOGETHER = 4
"""Fields of one document that ask for rows of one kind: their loads join or not, as the database's replies arrive."""

_NUMBER = re.compile(r"\$\d+")
_VALUES = re.compile(r"IN \([^()]*\)")


class Statements(logging.Handler):
    """Counts each statement by its text, whatever the number of its values."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.args[0]) if record.args else record.getMessage()
        self.kinds[_VALUES.sub("IN (…)", _NUMBER.sub("?", text))] += 1

    def take(self) -> Counter[str]:
        """What was counted since the last time."""
        taken, self.kinds = self.kinds, Counter()
        return taken


@contextmanager
def counted() -> Iterator[Statements]:
    """Count what Tortoise is given, without a line of it in a failing test's report."""
    statements, log = Statements(), logging.getLogger("tortoise.db_client")
    level = log.level
    log.addHandler(statements)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    yield statements
    log.removeHandler(statements)
    log.setLevel(level)
    log.propagate = True


def grown(few: Counter[str], many: Counter[str]) -> dict[str, int]:
    """The kinds of statement that `many` has and `few` has not, or has more often than fields can ask for them."""
    return {kind: count for kind, count in many.items() if kind not in few or count > max(few[kind], FIELDS_TOGETHER)}
