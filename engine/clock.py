"""The engine's time: wall time anchored once to trio's clock, so that jumps change no duration."""

import time
from collections.abc import Callable

import trio

WATCH = 5.0
"""Seconds between two looks at the wall clock."""
JUMP = 0.25
"""Seconds by which the wall clock may drift before recurrences follow it."""


class Clock:
    """Unix seconds that run evenly; `shift` is what the corrected wall clock has on top."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """Anchor to `wall` now; call inside a trio run."""
        self._wall = wall
        self._monotonic = trio.current_time
        self._anchor = wall() - trio.current_time()
        self.shift = 0.0

    def now(self) -> float:
        """Unix seconds, unmoved by corrections since the anchor."""
        return self._anchor + self._monotonic()

    def deadline(self, at: float) -> float:
        """The instant `at` on trio's clock."""
        return at - self._anchor

    def look(self) -> bool:
        """Compare with the wall clock; True when `shift` changed."""
        shift = self._wall() - self.now()
        if abs(shift - self.shift) < JUMP:
            return False
        self.shift = shift
        return True

    async def watch(self, on_jump: Callable[[], None]) -> None:
        """Look every few seconds, and tell of a correction."""
        while True:
            await trio.sleep(WATCH)
            if self.look():
                on_jump()
