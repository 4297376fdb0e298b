"""Everything a queue must do at a time: one heap, one entry a thing.

An entry holds numbers, never the thing itself, so the dead are not kept alive; who is asked for
an alarm says whether the entry still counts. The heap is rebuilt when half of it is stale.
What a batch sets for one instant shares a place in the heap: a thousand leases are one push.
"""

from collections.abc import Callable
from enum import IntEnum
from heapq import heapify, heappop, heappush, heapreplace
from math import inf
from typing import Final


class AlarmKind(IntEnum):
    """What the number of an entry names."""

    JOB = 0
    WAITER = 1
    RECURRENCE = 2
    WATCHER = 3


Entry = tuple[float, AlarmKind, int]
Place = tuple[float, AlarmKind, list[int]]
"""Entries of one instant, as a heap of their numbers; rising until the first of them is taken."""

_NOWHERE: Final[Place] = (-inf, AlarmKind.JOB, [])


class Alarms:
    """A heap of `(at, kind, numbers)` with lazy deletion."""

    def __init__(self, counts: Callable[[float, AlarmKind, int], bool]) -> None:
        """`counts` tells whether an entry is still the one its thing waits for."""
        self._counts = counts
        self._heap: list[Place] = []
        self._last = _NOWHERE
        """Where the last entry went: the next may join it."""
        self._size = 0
        self.live = 0
        """Entries that count; whoever sets or drops one keeps this right."""

    def set(self, at: float, kind: AlarmKind, number: int) -> None:
        """Add an entry that counts from now on."""
        self.live += 1
        if self._size > 64 and self._size > 2 * self.live:
            self._rebuild()
        self._size += 1
        last_at, last_kind, numbers = self._last
        if at == last_at and kind is last_kind and number > numbers[-1]:
            numbers.append(number)
        else:
            self._last = (at, kind, [number])
            heappush(self._heap, self._last)

    def next_at(self) -> float:
        """When the first entry that counts is due; `inf` without one."""
        heap = self._heap
        while heap:
            at, kind, numbers = heap[0]
            while numbers:
                if self._counts(at, kind, numbers[-1]):
                    return at
                numbers.pop()
                self._size -= 1
            self._last = _NOWHERE
            heappop(heap)
        return inf

    def pop_due(self, now: float) -> Entry | None:
        """Take the first entry that counts and is due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            place = heap[0]
            at, kind, numbers = place
            number = heappop(numbers)
            self._size -= 1
            self._last = _NOWHERE
            if numbers:
                heapreplace(heap, place)  # another place of this instant may come first now
            else:
                heappop(heap)
            if self._counts(at, kind, number):
                self.live -= 1
                return at, kind, number
        return None

    def _rebuild(self) -> None:
        """Leave out what does not count any more."""
        kept = [
            (at, kind, counting)
            for at, kind, numbers in self._heap
            if (counting := [each for each in numbers if self._counts(at, kind, each)])
        ]
        for _, _, counting in kept:
            heapify(counting)
        heapify(kept)
        self._heap = kept
        self._last = _NOWHERE
        self._size = len(self)

    def __len__(self) -> int:
        return sum(len(numbers) for _, _, numbers in self._heap)
