"""Which job is next: the order `(priority, seq)`, for a queue and for each type in it.

One heap a type, and a heap of their heads. An entry is one integer made of priority and seq, so
that equal priorities compare as plain numbers and a dead job is not kept alive.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush, heapreplace
from itertools import islice

from engine.job import Job, JobState

READY = JobState.READY
_SEQ_BITS = 64
_SEQ_MASK = (1 << _SEQ_BITS) - 1


def place(job: Job) -> int:
    """Where a job stands in line: smaller is sooner."""
    return (job.priority << _SEQ_BITS) + job.seq if job.priority else job.seq


class ReadyIndex:
    """The ready jobs of one queue. Deletion is lazy: `left` only counts."""

    def __init__(self, jobs: dict[int, Job]) -> None:
        """`jobs` is the queue's own table by seq, looked up and never changed here."""
        self._jobs = jobs
        self._heaps: dict[str, list[int]] = {}
        self._live: dict[str, int] = {}
        self._heads: list[tuple[int, str]] = []

    def push(self, job: Job) -> None:
        """A job became ready."""
        kind, key = job.type, place(job)
        heap = self._heaps.get(kind)
        if heap is None:
            heap = self._heaps[kind] = []
            self._live[kind] = 0
        self._live[kind] += 1
        heappush(heap, key)
        if heap[0] == key:
            self._note_head(kind, heap)

    def left(self, job: Job) -> None:
        """A job is ready no more; call before its priority or seq changes."""
        kind, gone = job.type, place(job)
        live = self._live[kind] = self._live[kind] - 1
        heap = self._heaps[kind]
        if not live:
            del self._heaps[kind], self._live[kind]
            return
        if heap[0] == gone:
            heappop(heap)
            self._note_head(kind, heap)
        elif len(heap) > 2 * live + 64:
            heap = [key for key in set(heap) if key != gone and self._is_current(key, kind)]
            heapify(heap)
            self._heaps[kind] = heap
            self._note_head(kind, heap)

    def head(self, types: Iterable[str] = ()) -> Job | None:
        """The first in line, of these types or (none named) of all."""
        if types:
            keys = [key for kind in types if (key := self._head_of(kind)) is not None]
            return self._jobs[min(keys) & _SEQ_MASK] if keys else None
        heads = self._heads
        while heads:
            key, kind = heads[0]
            current = self._head_of(kind)
            if current == key:
                return self._jobs[key & _SEQ_MASK]
            heappop(heads)
            if current is not None:
                heappush(heads, (current, kind))
        return None

    def head_but(self, first: Job, types: Iterable[str] = ()) -> Job | None:
        """The next in line after `first`, which is the head."""
        kind, key = first.type, place(first)
        heap = self._heaps[kind]
        while heap and heap[0] == key:
            heappop(heap)
        found = self.head(types)
        heappush(heap, key)
        heappush(self._heads, (key, kind))
        return found

    def ahead(self, job: Job, types: Iterable[str], most: int) -> tuple[int, bool]:
        """How many of these types (none named: all) come before a ready job.

        Returns:
            The count, and whether it is all: no more than `most` entries are looked at.
        """
        mine, found, left = place(job), 0, most
        for kind in types or self._heaps:
            keys = set(islice(self._heaps.get(kind, ()), left + 1))
            if len(keys) > left:
                return found, False
            left -= len(keys)
            found += sum(key < mine and self._is_current(key, kind) for key in keys)
        return found, True

    def oldest(self, most: int) -> float | None:
        """Since when the job is ready that has been so longest; None: none is.

        Exact up to `most` ready jobs; of more, those that are nearly next of each type count.
        """
        share = max(1, most // max(1, len(self._heaps)))
        found = [
            self._jobs[key & _SEQ_MASK].ready_at
            for kind, heap in self._heaps.items()
            if self._head_of(kind) is not None
            for key in islice(heap, share)
            if self._is_current(key, kind)
        ]
        return min(found, default=None)

    def in_order(self, types: Iterable[str] = ()) -> Iterator[Job]:
        """Ready jobs of these types (none named: all) from the head on, each looked at lazily.

        Nothing may change between two of them.
        """
        heaps = [(kind, self._heaps.get(kind, [])) for kind in dict.fromkeys(types or self._heaps)]
        front = [(heap[0], at, 0) for at, (_, heap) in enumerate(heaps) if heap]
        heapify(front)
        last = None
        while front:
            key, at, index = heappop(front)
            kind, heap = heaps[at]
            for child in (2 * index + 1, 2 * index + 2):
                if child < len(heap):
                    heappush(front, (heap[child], at, child))
            if key != last and self._is_current(key, kind):
                yield self._jobs[key & _SEQ_MASK]
            last = key

    def has(self, kind: str) -> bool:
        """Whether a job of this type is ready."""
        return kind in self._live

    def _note_head(self, kind: str, heap: list[int]) -> None:
        """A type's head may have changed: have it among the heads."""
        heads = self._heads
        if heads and heads[0][1] == kind and heap:
            heapreplace(heads, (heap[0], kind))
            return
        if heap:
            heappush(heads, (heap[0], kind))
        if len(heads) > 2 * len(self._heaps) + 64:
            self._heads = [(h[0], k) for k, h in self._heaps.items() if h]
            heapify(self._heads)

    def _head_of(self, kind: str) -> int | None:
        heap = self._heaps.get(kind)
        while heap:
            key = heap[0]
            if self._is_current(key, kind):
                return key
            heappop(heap)
        return None

    def _is_current(self, key: int, kind: str) -> bool:
        job = self._jobs.get(key & _SEQ_MASK)
        return (
            job is not None
            and job.state is READY
            and (job.priority << _SEQ_BITS) + job.seq == key
            and job.type == kind
        )
