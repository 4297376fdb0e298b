"""The guard's report: what broke and where, and never a word of the client's."""

from traceback import walk_tb
from typing import Final

import structlog

log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

FRAMES: Final = 8
"""Innermost places of an error that are logged. Its text is not: it may quote a payload."""


def report(address: str, error: BaseException) -> None:
    """Log an error that ended one connection."""
    places = [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    log.error(
        "closed a connection after an error in the server",
        address=address,
        error=type(error).__name__,
        at=places[-FRAMES:],
    )
