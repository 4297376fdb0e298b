"""Tasks that run functions, each one job after the other.

One task is on its way whenever jobs wait and more may run: a task that is held up by its function
leaves the line to that one. Functions that never wait are all run by a single task, in one scope:
making one for each costs more than all else about such a job. Who is stopped takes its scope along.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from anyio.abc import TaskGroup

from jobyard.hand import Hand


class Runners:
    """At most so many at once."""

    def __init__(
        self, most: int, behind: TaskGroup, work: Callable[[Hand], Coroutine[Any, Any, None]]
    ) -> None:
        self._line: deque[Hand] = deque()
        """Jobs whose functions wait for others to end, in order."""
        self._free = most
        self._behind = behind
        self._work = work
        self._coming = False

    def add(self, hand: Hand) -> None:
        """Run its function when it is its turn."""
        self._line.append(hand)
        self._come()

    def withdraw(self, hand: Hand) -> bool:
        """Take it out of the line, if it is there still."""
        if hand.begun or hand not in self._line:
            return False
        self._line.remove(hand)
        return True

    def _come(self) -> None:
        if self._line and self._free and not self._coming:
            self._coming = True
            self._free -= 1
            self._behind.start_soon(self._run)

    async def _run(self) -> None:
        self._coming = False
        while self._line:
            with anyio.CancelScope() as scope:
                while self._line and not scope.cancel_called:
                    hand = self._line.popleft()
                    hand.begun, hand.scope = True, scope
                    self._come()
                    await self._work(hand)
        self._free += 1
