"""Waiting for a state of another process, which nothing can tell of."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from tests.acceptance.served import WITHIN

PAUSE: Final = 0.1


async def eventually(asked: Callable[[], Awaitable[bool]], seconds: float = WITHIN) -> None:
    """Ask until it is so.

    Raises:
        trio.TooSlowError: it is not so after that many seconds.
    """
    with trio.fail_after(seconds):
        while True:
            if await asked():
                return
            await trio.sleep(PAUSE)


def until(asked: Callable[[], bool], seconds: float = WITHIN) -> bool:
    """The same for programs that block: whether it came to be so."""
    end = time.monotonic() + seconds
    while not (so := asked()) and time.monotonic() < end:
        time.sleep(PAUSE)
    return so
