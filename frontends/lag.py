"""How late the loop wakes those who sleep: what everybody who waits feels."""

from typing import Final

import trio

from engine.figures import SHORT, Histogram

PERIOD: Final = 0.5
"""Seconds between two looks."""


class LoopLag:
    """Looks, and counts what it saw."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.histogram = Histogram(SHORT)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            due = trio.current_time() + PERIOD
            await trio.sleep_until(due)
            self.histogram.note(trio.current_time() - due)
