"""How many queues stand together, added up from what each of them counts. Pure."""

from collections.abc import Sequence
from heapq import nlargest
from typing import Final

from attrs import define, field, frozen

from engine.figures import QueueFigures
from engine.job import STATES, JobState

MOST_TYPES: Final = 10_000
"""Types with failed jobs that are counted apart."""
MOST_NAMED: Final = 8
"""Queues or types that are named; of the others it is said how many there are."""


@frozen
class Place:
    """A queue, and what is told of it."""

    group: str
    queue: str
    value: float


@define
class Standing:
    """What all queues that were added have together."""

    queues: int = 0
    states: list[int] = field(factory=lambda: [0] * len(STATES))
    """Jobs now, in the order of the states."""
    published: int = 0
    """Since the start of the server."""
    workers: int = 0
    """Subscriptions: one connection may have several."""
    paused: int = 0
    draining: int = 0
    closed: list[Place] = field(factory=list[Place])
    """Queues that crashed too often."""
    oldest: Place | None = None
    """Where a job has been ready longest, in seconds."""
    unattended: list[Place] = field(factory=list[Place])
    """Queues with ready jobs that nobody is subscribed to, and how many jobs those are."""
    failing: dict[str, int] = field(factory=dict[str, int])
    """Failed jobs now, by type."""

    def add(self, queue: QueueFigures) -> None:
        """One more queue."""
        self.queues += 1
        self.published += queue.published
        self.workers += queue.workers
        self.paused += queue.paused
        self.draining += queue.draining
        ready = self._add_jobs(queue)
        waited = queue.oldest_waiting
        if waited is not None and (self.oldest is None or waited > self.oldest.value):
            self.oldest = Place(queue.group, queue.name, waited)
        if queue.failed:
            self.closed.append(Place(queue.group, queue.name, 0))
        elif ready and not queue.workers and not queue.paused:
            self.unattended.append(Place(queue.group, queue.name, ready))

    @property
    def jobs(self) -> int:
        """Jobs there are, whatever became of them."""
        return sum(self.states)

    @property
    def worst(self) -> Sequence[tuple[str, int]]:
        """The types with the most failed jobs."""
        return nlargest(MOST_NAMED, self.failing.items(), key=lambda each: each[1])

    @property
    def lonely(self) -> Sequence[Place]:
        """The longest of the queues that nobody works on."""
        return nlargest(MOST_NAMED, self.unattended, key=lambda each: each.value)

    def _add_jobs(self, queue: QueueFigures) -> int:
        ready = 0
        states, failing = self.states, self.failing
        for kind, counts in queue.jobs.items():
            for state, count in enumerate(counts):
                if count:
                    states[state] += count
            ready += counts[JobState.READY]
            failed = counts[JobState.FAILED]
            if failed and (kind in failing or len(failing) < MOST_TYPES):
                failing[kind] = failing.get(kind, 0) + failed
        return ready
