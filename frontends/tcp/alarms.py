"""When to look at something again: one heap of times, and no trace of what is gone."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf
from typing import Final

SLACK: Final = 64
"""Stale entries that are not worth a rebuild."""
CROWD: Final = 256
"""Alarms that ring at one time."""


class Alarms:
    """At most one alarm for each key. The heap holds numbers, so nothing dead stays in it."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._armed: dict[int, tuple[float, Callable[[float], None]]] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def arm(self, key: object, when: float, ring: Callable[[float], None]) -> None:
        """Have `ring(now)` called at `when`; an earlier alarm of the same key stays as it is."""
        number = id(key)
        armed = self._armed.get(number)
        if armed is not None and armed[0] <= when:
            return
        self._armed[number] = (when, ring)
        heappush(self._heap, (when, number))
        if len(self._heap) > 2 * len(self._armed) + SLACK:
            self._heap = [(when, number) for number, (when, _) in self._armed.items()]
            heapify(self._heap)

    def disarm(self, key: object) -> None:
        """Forget the key; to be called before it goes, whether it has an alarm or not."""
        self._armed.pop(id(key), None)

    def ring(self, now: float) -> None:
        """Call what is due, each once and `CROWD` at most; the rest is due still.

        What is armed meanwhile waits for the next time.
        """
        heap = self._heap
        if not heap or heap[0][0] > now:
            return
        due: list[Callable[[float], None]] = []
        while heap and heap[0][0] <= now and len(due) < CROWD:
            when, number = heappop(heap)
            armed = self._armed.get(number)
            if armed is not None and armed[0] == when:
                del self._armed[number]
                due.append(armed[1])
        for ring in due:
            ring(now)

    @property
    def next(self) -> float:
        """No alarm rings before this."""
        return self._heap[0][0] if self._heap else inf
