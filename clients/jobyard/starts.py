"""Saying that work began, of functions that take their time: most are over before it matters."""

from collections.abc import Callable
from typing import Final

import anyio

from jobyard.hand import Hand

SOON: Final = 0.005
"""Seconds after which a start is worth a word."""


class Starts:
    """One task for all of them: it sleeps once for everything that began meanwhile."""

    def __init__(self, say: Callable[[Hand], None]) -> None:
        self._say = say
        self._fresh: list[Hand] = []
        self._some = anyio.Event()

    def note(self, hand: Hand) -> None:
        """Its function begins."""
        self._fresh.append(hand)
        if len(self._fresh) == 1:
            self._some.set()

    async def keep(self) -> None:
        """Tell of those that still run a moment later, for ever."""
        while True:
            await self._some.wait()
            await anyio.sleep(SOON)
            fresh, self._fresh = self._fresh, []
            self._some = anyio.Event()
            for hand in fresh:
                if not hand.ended and not hand.why:
                    self._say(hand)
