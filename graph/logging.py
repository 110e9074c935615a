"""Logs as JSON lines: ids, codes and hashes, never names, variables, tokens or what Canvas said."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor

from settings import Settings

SECRET_WORDS = ("authorization", "access_key", "token", "secret", "cookie", "password")


def configure_logging(level: str) -> None:
    """For the whole process, uvicorn's and our own."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(),
            foreign_pre_chain=[first_line, structlog.stdlib.ExtraAdder(allow=()), *shared],
        )
    )
    # Libraries write SQL with its values, addresses and tasks into their finer levels.
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
    logging.getLogger("uvicorn.error").setLevel(max(number, logging.INFO))


def without_words(_: object, __: str, event: EventDict) -> EventDict:
    """An exception as its type and where it was: its message may quote a name, a variable or a token."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = frames(error.__traceback__)
    return event


def frames(trace: TracebackType | None) -> list[str]:
    """Where an exception passed, innermost last."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def first_line(_: object, __: str, event: EventDict) -> EventDict:
    """Of what libraries log: asyncio puts the repr of a failed task, message included, on the second line."""
    event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def redact(_: object, __: str, event: EventDict) -> EventDict:
    """Blank whatever is called like a secret."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "[redacted]"
    return event


def pseudonyms(settings: Settings) -> Callable[[str], str]:
    """Who is who in the logs: the same person the same word in every process of this deployment, and in no other."""
    given = settings.secret_key.get_secret_value() if settings.secret_key else secrets.token_hex()
    key = hashlib.sha256(b"log\0" + given.partition(",")[0].encode()).digest()
    return lambda text: hmac.digest(key, text.encode(), "sha256").hex()[:16]
