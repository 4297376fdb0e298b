"""Figures of the engine as values, and the histogram they are counted with."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from attrs import frozen
from msgspec import Struct

from engine.job import STATES, JobState
from engine.replies import QueueCounts

SECONDS: Final = (
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 3_600.0,
    21_600.0, 86_400.0,
)  # fmt: skip
"""Upper bounds for how long jobs wait and run."""
SHORT: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds, in seconds, for what the machine does."""
SIZES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 5_000.0)
"""Upper bounds for how many were done at once."""
MOST_TYPES: Final = 100
"""Types of one queue that are counted apart."""
OTHER: Final = "_other"
"""Stands for all that are not counted apart."""


@frozen
class Distribution:
    """How often values came, by bucket."""

    bounds: tuple[float, ...]
    """The highest value of each bucket, rising; a last bucket has none."""
    counts: tuple[int, ...]
    """One more than bounds."""
    total: float
    """All values together."""


class Histogram:
    """Counts values into fixed buckets."""

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        """Begin empty."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def note(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def seen(self) -> Distribution:
        """The counts as they are now."""
        return Distribution(self.bounds, tuple(self.counts), self.total)


class Counters:
    """What one queue counts, always; it outlives a crash of the queue's state."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.finished: dict[str, list[int]] = {}
        self.waiting = Histogram()
        self.running = Histogram()

    def end(self, kind: str, state: JobState) -> None:
        """A job of this type is over."""
        if kind not in self.finished:
            if len(self.finished) >= MOST_TYPES:
                kind = OTHER
            self.finished.setdefault(kind, [0] * len(STATES))
        self.finished[kind][state] += 1


@frozen
class QueueFigures:
    """One queue in numbers. What is counted begins with the start of the server."""

    group: str
    name: str
    jobs: Mapping[str, tuple[int, ...]]
    """By type, in the order of the states."""
    published: int
    finished: Mapping[str, tuple[int, ...]]
    """By type, in the order of the states; those that are no end stay at 0."""
    waiting: Distribution
    """Seconds from being ready to being reserved."""
    running: Distribution
    """Seconds from being reserved to the end of that reservation."""
    oldest_waiting: float | None
    """Seconds the job has been ready that has been so longest; None: nothing is.

    Of many ready jobs only those that are nearly next count: 1,000, with many queues fewer.
    """
    workers: int
    paused: bool
    draining: bool
    failed: bool


class QueueLine(Struct, frozen=True, gc=False):
    """One queue in a list of thousands: what costs next to nothing to read."""

    name: str
    states: tuple[int, ...]
    """Jobs, in the order of the states."""
    workers: int
    recurrences: int
    paused: bool
    paused_by: str
    draining: bool
    drained_by: str
    failed: bool
    """It crashed too often and was closed."""


@frozen
class QueueSummary:
    """One queue of a page of them."""

    number: int
    """Rises with the order of their making."""
    name: str
    id: str
    counts: QueueCounts
    workers: int
    recurrences: int


@frozen
class EngineStatistics:
    """The engine in numbers, since its start."""

    boot: int
    uptime: float
    """Seconds."""
    queues: int
    commits: int
    commit_seconds: Distribution
    batch_steps: Distribution
    """Steps of queues that one commit took."""
    stalled: float
    """Seconds the oldest change has waited to be durable."""
    store_kind: str
    store_size: int
    """Bytes."""
    store_free: int
    """Bytes left on the file system; -1: unknown."""
    store_low: bool
    refusing: bool
    """Nothing can be published: the disk is full or nearly."""
    listeners: int
    """Event streams that are open."""
    stopping: bool
