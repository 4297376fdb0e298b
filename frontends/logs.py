"""Structured logs: readable lines on a terminal, JSON otherwise. Never a payload or a secret."""

import logging
import sys
from math import inf
from typing import Any, Final

import structlog

LEVELS: Final = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "panic": logging.CRITICAL,
}

WITHOUT_LOCALS: Final = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""A traceback's local variables would be payloads and passwords."""

LISTENERS: Final = logging.getLogger("trio.serve_listeners")
"""Where trio tells, ten times a second, that the system cannot give another connection."""
EVERY: Final = 1.0
"""Seconds between two lines about that."""


class Accepting(logging.Handler):
    """Says it in our words, without a traceback, and not so often."""

    def __init__(self) -> None:
        super().__init__()
        self._last = -inf

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of one that trio could not accept."""
        if 0 <= record.created - self._last < EVERY:
            return
        self._last = record.created
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger(__name__).warning(
            "no connection can be accepted for a moment", error=getattr(error, "strerror", None)
        )


def configure(level: str) -> None:
    """Send logs of this level and above to standard error."""
    LISTENERS.handlers = [Accepting()]
    LISTENERS.propagate = False
    terminal = sys.stderr.isatty()
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if terminal:
        processors.append(
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        )
    else:
        processors += [
            structlog.processors.ExceptionRenderer(WITHOUT_LOCALS),
            structlog.processors.JSONRenderer(),
        ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
