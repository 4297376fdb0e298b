"""Renewing the leases of what a worker holds, each at a third of its time."""

import math
from collections.abc import Callable, Coroutine, Mapping
from time import monotonic
from typing import Any

import anyio
from anyio.abc import TaskGroup

from jobyard.hand import Hand


class Leases:
    """One task for all of them: it sleeps until the next one is due."""

    def __init__(
        self, hands: Mapping[str, Hand], touch: Callable[[Hand], Coroutine[Any, Any, None]]
    ) -> None:
        self._hands = hands
        self._touch = touch
        self._wakes_at = math.inf
        self._sooner = anyio.Event()

    def note(self, hand: Hand) -> None:
        """One more is held."""
        if hand.touch_at < self._wakes_at:
            self._sooner.set()

    async def keep(self, behind: TaskGroup) -> None:
        """Touch what is due, for ever; a touch that waits delays no other."""
        while True:
            now = monotonic()  # not the loop's clock: asking for that costs more than all else here
            for hand in self._hands.values():
                if hand.touch_at <= now:
                    hand.touch_at = now + hand.job.lease / 3
                    behind.start_soon(self._touch, hand)
            self._wakes_at = min((h.touch_at for h in self._hands.values()), default=math.inf)
            self._sooner = anyio.Event()
            with anyio.move_on_after(self._wakes_at - now):
                await self._sooner.wait()
