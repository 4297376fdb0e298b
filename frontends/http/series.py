"""Which queues and types have series of their own, so that their number stays bounded.

The order of making decides, not how busy somebody is: a counter that changed its place between two
looks would seem to have begun anew.
"""

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from engine.figures import OTHER, Distribution, QueueFigures

QUEUES: Final = 100
"""Queues with a name of their own; the others of a group count as one."""
ROWS: Final = 300
"""Pairs of queue and type that are shown apart."""

Counts = tuple[int, ...]


@define
class Series:
    """What is shown, added up where it is not shown apart."""

    jobs: dict[tuple[str, str, str], Counts] = field(factory=dict[tuple[str, str, str], Counts])
    """By group, queue and type, in the order of the states."""
    finished: dict[tuple[str, str, str], Counts] = field(factory=dict[tuple[str, str, str], Counts])
    published: dict[tuple[str, str], int] = field(factory=dict[tuple[str, str], int])
    waiting: dict[tuple[str, str], Distribution] = field(
        factory=dict[tuple[str, str], Distribution]
    )
    running: dict[tuple[str, str], Distribution] = field(
        factory=dict[tuple[str, str], Distribution]
    )
    oldest: dict[tuple[str, str], float] = field(factory=dict[tuple[str, str], float])
    workers: dict[tuple[str, str], int] = field(factory=dict[tuple[str, str], int])
    _rows: set[tuple[str, str, str]] = field(factory=set[tuple[str, str, str]])

    def add(self, queue: QueueFigures) -> None:
        """One more queue."""
        name = queue.name
        if (queue.group, name) not in self.published and len(self.published) >= QUEUES:
            name = OTHER
        key = (queue.group, name)
        self.published[key] = self.published.get(key, 0) + queue.published
        self.workers[key] = self.workers.get(key, 0) + queue.workers
        self.oldest[key] = max(self.oldest.get(key, 0.0), queue.oldest_waiting or 0.0)
        for distributions, one in ((self.waiting, queue.waiting), (self.running, queue.running)):
            before = distributions.get(key)
            distributions[key] = one if before is None else _both(before, one)
        self._rows_of(key, queue.finished, self.finished)
        self._rows_of(key, queue.jobs, self.jobs)

    def _rows_of(
        self,
        key: tuple[str, str],
        types: Mapping[str, Counts],
        into: dict[tuple[str, str, str], Counts],
    ) -> None:
        for kind, counts in types.items():
            row = (*key, kind)
            if row not in self._rows:
                if len(self._rows) >= ROWS:
                    row = (*key, OTHER)
                else:
                    self._rows.add(row)
            before = into.get(row)
            into[row] = counts if before is None else _sum(before, counts)


def _sum(one: Counts, other: Counts) -> Counts:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _both(one: Distribution, other: Distribution) -> Distribution:
    return Distribution(one.bounds, _sum(one.counts, other.counts), one.total + other.total)
