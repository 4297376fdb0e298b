"""The jobs of a queue in order of publishing, so that a page may begin anywhere."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Container, Iterator, Sized
from typing import Protocol


class _Jobs(Container[int], Sized, Protocol):
    """The queue's own table by seq."""


class SeqOrder:
    """Every seq once, rising; those of jobs that are gone are dropped when half of them are."""

    def __init__(self, jobs: _Jobs) -> None:
        """`jobs` is looked up and never changed here."""
        self._jobs = jobs
        self._seqs: list[int] = []

    def add(self, seq: int) -> None:
        """A job came in; nearly always as the last."""
        seqs = self._seqs
        if not seqs or seq > seqs[-1]:
            seqs.append(seq)
            if len(seqs) > 2 * len(self._jobs) + 64:
                self._seqs = [seq for seq in seqs if seq in self._jobs]
        elif seqs[bisect_left(seqs, seq)] != seq:
            insort(seqs, seq)

    def after(self, seq: int) -> Iterator[int]:
        """What was published later, oldest first. The queue must not change meanwhile."""
        seqs, jobs = self._seqs, self._jobs
        for at in range(bisect_right(seqs, seq), len(seqs)):
            if seqs[at] in jobs:
                yield seqs[at]

    def before(self, seq: int | None) -> Iterator[int]:
        """What was published earlier, newest first; None: everything."""
        seqs, jobs = self._seqs, self._jobs
        end = len(seqs) if seq is None else bisect_left(seqs, seq)
        for at in range(end - 1, -1, -1):
            if seqs[at] in jobs:
                yield seqs[at]
