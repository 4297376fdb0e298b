"""Everything a queue must do at a time: one heap, one entry a thing.

An entry holds numbers, never the thing itself, so the dead are not kept alive; who is asked for
an alarm says whether the entry still counts. The heap is rebuilt when half of it is stale.
"""

from collections.abc import Callable
from enum import IntEnum
from heapq import heapify, heappop, heappush
from math import inf


class AlarmKind(IntEnum):
    """What the number of an entry names."""

    JOB = 0
    WAITER = 1
    RECURRENCE = 2
    WATCHER = 3


Entry = tuple[float, AlarmKind, int]


class Alarms:
    """A heap of `(at, kind, number)` with lazy deletion."""

    def __init__(self, counts: Callable[[Entry], bool]) -> None:
        """`counts` tells whether an entry is still the one its thing waits for."""
        self._counts = counts
        self._heap: list[Entry] = []
        self.live = 0
        """Entries that count; whoever sets or drops one keeps this right."""

    def set(self, at: float, kind: AlarmKind, number: int) -> None:
        """Add an entry that counts from now on."""
        self.live += 1
        heap = self._heap
        if len(heap) > 64 and len(heap) > 2 * self.live:
            self._heap = heap = [entry for entry in heap if self._counts(entry)]
            heapify(heap)
        heappush(heap, (at, kind, number))

    def next_at(self) -> float:
        """When the first entry that counts is due; `inf` without one."""
        heap = self._heap
        while heap:
            if self._counts(heap[0]):
                return heap[0][0]
            heappop(heap)
        return inf

    def pop_due(self, now: float) -> Entry | None:
        """Take the first entry that counts and is due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            entry = heappop(heap)
            if self._counts(entry):
                self.live -= 1
                return entry
        return None

    def __len__(self) -> int:
        return len(self._heap)
