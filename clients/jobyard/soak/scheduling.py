"""One seed, one order of tasks: trio throws its dice from a seed, and time passes only in sleep."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, Final, TypeVar

import trio
from trio.testing import MockClock

LOOP: Final[dict[str, Any]] = vars(import_module("trio._core._run"))
"""Private to trio: a test looks after the two names used here."""
DICE: Final = "_r"
SWITCH: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
T = TypeVar("T")


def run_virtual(main: Callable[[], Awaitable[T]], seed: int) -> T:
    """Run `main` in virtual time: the same seed wakes the same tasks in the same order."""
    allowed, before = LOOP[SWITCH], LOOP[DICE].getstate()
    LOOP[SWITCH] = True
    LOOP[DICE].seed(seed)
    try:
        return trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        LOOP[SWITCH] = allowed
        LOOP[DICE].setstate(before)
