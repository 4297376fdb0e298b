"""One seed, one order of tasks: trio throws its dice from a seed, and time passes only in sleep."""

from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from importlib import import_module
from itertools import count
from math import inf
from typing import Any, Final, TypeVar

import trio
from trio.abc import Clock

LOOP: Final[dict[str, Any]] = vars(import_module("trio._core._run"))
"""Private to trio: a test looks after the two names used here."""
DICE: Final = "_r"
SWITCH: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
T = TypeVar("T")


class Sleeper:
    """Who waits for a time; nobody, once the wait was cancelled."""

    __slots__ = ("task",)

    def __init__(self, task: trio.lowlevel.Task) -> None:
        self.task: trio.lowlevel.Task | None = task

    def abort(self, _: object) -> trio.lowlevel.Abort:
        """The wait is cancelled."""
        self.task = None
        return trio.lowlevel.Abort.SUCCEEDED


class Leaps(Clock):
    """Time that stands still while anybody has something to do, and then is the next deadline.

    trio's `MockClock` does the same in two turns of the loop, and looks at all of its figures.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._alarms: list[tuple[float, int, Sleeper]] = []
        self._order = count()

    def start_clock(self) -> None:
        """It begins with zero."""

    def current_time(self) -> float:
        """Virtual seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Asked when all wait: it is that time now, so nobody sleeps."""
        at = min(deadline, self._alarms[0][0]) if self._alarms else deadline
        if at == inf:
            return inf
        self._now = max(self._now, at)
        while self._alarms and self._alarms[0][0] <= self._now:
            _, _, sleeper = heappop(self._alarms)
            if sleeper.task is not None:
                trio.lowlevel.reschedule(sleeper.task)
        return 0.0

    async def sleep_until(self, at: float) -> None:
        """The same as trio's, without a cancel scope: those are a fifth of what a run costs."""
        if at <= self._now:
            await trio.lowlevel.checkpoint()
            return
        sleeper = Sleeper(trio.lowlevel.current_task())
        heappush(self._alarms, (at, next(self._order), sleeper))
        await trio.lowlevel.wait_task_rescheduled(sleeper.abort)


async def sleep(seconds: float) -> None:
    """Wait, in a run in virtual time."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, Leaps)
    await clock.sleep_until(clock.current_time() + seconds)


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
