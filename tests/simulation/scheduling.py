"""One seed, one order of tasks: trio throws its dice from a seed, and time passes only in sleep."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeVar

import trio
from trio.testing import MockClock

loop: Any = import_module("trio._core._run")
"""Private to trio: a test looks after the two names used here."""
T = TypeVar("T")


def run_virtual(main: Callable[[], Awaitable[T]], seed: int) -> T:
    """Run `main` in virtual time: the same seed wakes the same tasks in the same order."""
    allowed, before = loop._ALLOW_DETERMINISTIC_SCHEDULING, loop._r.getstate()
    loop._ALLOW_DETERMINISTIC_SCHEDULING = True
    loop._r.seed(seed)
    try:
        return trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        loop._ALLOW_DETERMINISTIC_SCHEDULING = allowed
        loop._r.setstate(before)
