"""What listeners are told: one value for everything that happened to a job or a queue.

Payloads, results and error texts are never part of it: whoever may read them asks for the job.
"""

from enum import StrEnum

from attrs import frozen
from msgspec import Struct

from engine.job import JobState


class What(StrEnum):
    """What happened."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    READY = "ready"
    RESERVED = "reserved"
    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"
    RETRY = "retry"
    FAILED = "failed"
    RELEASED = "released"
    LAPSED = "lapsed"
    DISCONNECTED = "disconnected"
    CANCELED = "canceled"
    EXPIRED = "expired"
    RESET = "reset"
    EDITED = "edited"
    DELETED = "deleted"
    QUEUE_MADE = "queue-made"
    QUEUE_DELETED = "queue-deleted"
    PAUSED = "paused"
    RESUMED = "resumed"
    DRAINED = "drained"
    WORKER_CAME = "worker-came"
    WORKER_LEFT = "worker-left"
    RECURRENCE_SET = "recurrence-set"
    RECURRENCE_DROPPED = "recurrence-dropped"


class Event(Struct, eq=False, gc=False):
    """One thing that happened. Refers to plain values only, so the collector need not look."""

    at: float
    """Unix seconds of the engine clock."""
    group: str
    queue: str
    what: What
    job: str = ""
    """Its id; empty for what happens to the queue."""
    seq: int = 0
    type: str = ""
    before: JobState | None = None
    after: JobState | None = None
    """None: there was no job before, or is none any more."""
    attempts: int = 0
    by: str = ""
    """The principal that holds or held the job, or whose command it was."""
    reason: str = ""
    """Why, in one word, where there is one to say."""
    error_type: str = ""
    due: float | None = None
    """When a scheduled job becomes ready."""
    progress: float | None = None
    number: int = 0
    """Its place among all events of this boot; given when it is told."""


@frozen(order=True)
class EventId:
    """Where a listener is: numbers are given anew in every boot."""

    boot: int
    number: int

    def __str__(self) -> str:
        """Text form, as clients see it."""
        return f"{self.boot}-{self.number}"


@frozen
class Filter:
    """Which events somebody wants. What is empty asks for all."""

    group: str | None = None
    """None: of every group; for administrators only."""
    queues: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    whats: frozenset[What] = frozenset()
    states: frozenset[JobState] = frozenset()
    """Of these, the state the job has now."""

    def wants(self, event: Event) -> bool:
        """Whether an event passes."""
        return (
            (self.group is None or event.group == self.group)
            and (not self.queues or event.queue in self.queues)
            and (not self.types or event.type in self.types)
            and (not self.whats or event.what in self.whats)
            and (not self.states or event.after in self.states)
        )
