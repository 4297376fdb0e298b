"""One seed, one order of tasks: trio throws its dice from a seed, and time passes only in sleep."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from math import inf
from typing import Any, Final, TypeVar

import trio
from trio.abc import Clock

LOOP: Final[dict[str, Any]] = vars(import_module("trio._core._run"))
"""Private to trio: a test looks after the two names used here."""
DICE: Final = "_r"
SWITCH: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
T = TypeVar("T")


class Leaps(Clock):
    """Time that stands still while anybody has something to do, and then is the next deadline.

    trio's `MockClock` does the same in two turns of the loop, and looks at all of its figures.
    """

    def __init__(self) -> None:
        self._now = 0.0

    def start_clock(self) -> None:
        """It begins with zero."""

    def current_time(self) -> float:
        """Virtual seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Asked when all wait: it is that time now, so nobody sleeps."""
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0


def run_virtual(main: Callable[[], Awaitable[T]], seed: int) -> T:
    """Run `main` in virtual time: the same seed wakes the same tasks in the same order."""
    allowed, before = LOOP[SWITCH], LOOP[DICE].getstate()
    LOOP[SWITCH] = True
    LOOP[DICE].seed(seed)
    try:
        return trio.run(main, clock=Leaps())
    finally:
        LOOP[SWITCH] = allowed
        LOOP[DICE].setstate(before)
