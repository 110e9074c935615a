"""Logs as JSON lines: ids and codes, never names, variables, tokens or what Canvas said."""

from __future__ import annotations

import logging
import sys

import structlog

SECRET_WORDS = ("authorization", "access_key", "token", "secret", "cookie", "password")


def configure_logging(level: str) -> None:
    """For the whole process, uvicorn's and our own."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.JSONRenderer()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for quiet in ("httpx", "httpcore", "uvicorn.access", "websockets"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def redact(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank whatever is called like a secret."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "[redacted]"
    return event
