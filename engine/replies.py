"""Every answer the engine gives, and everything it pushes.

A refusal is an answer: a stable code and a sentence a person can act on. It changed nothing.
"""

from typing import Final, Protocol

from attrs import frozen
from msgspec import Struct

from engine.account_replies import AccountReply
from engine.explanations import Told
from engine.job import Details, JobMore, JobPolicy, JobState
from engine.refusals import SENTENCES, Code, Refused

__all__ = [
    "OK",
    "SENTENCES",
    "AccessView",
    "CancelAsked",
    "Code",
    "Granted",
    "HealthCounts",
    "JobView",
    "Jobs",
    "Ok",
    "OneJob",
    "Published",
    "PublishedMany",
    "Pushed",
    "QueueCounts",
    "QueueView",
    "Queues",
    "RecurrenceSet",
    "RecurrenceView",
    "Recurrences",
    "Refused",
    "Reply",
    "ReplyTo",
    "WorkerView",
    "Workers",
]


@frozen
class Ok:
    """Done as asked."""


OK: Final = Ok()


class Published(Struct, frozen=True, gc=False):
    """The job's id; `existing` when a unique key found an earlier job."""

    job: str
    existing: bool = False


@frozen
class PublishedMany:
    """One per job, in order."""

    jobs: tuple[Published, ...]


class Adopted(Struct, frozen=True):
    """How many jobs were taken over, and how many were there already."""

    added: int
    skipped: int


class JobView(Struct, gc=False):
    """A job as it was when a step ended. The committer fills payload and details from disk."""

    id: str
    seq: int
    group: str
    queue: str
    type: str
    payload: bytes | None
    state: JobState
    priority: int
    policy: JobPolicy
    ready_at: float
    created_at: float
    updated_at: float
    attempts: int
    failures: int
    started_at: float | None
    finished_at: float | None
    done_at: float | None
    history: tuple[tuple[str, float, float, str], ...]
    reservation: str | None
    """Id of the live reservation; None when nobody holds the job."""
    holder: str
    """The principal that holds it; empty when nobody does."""
    started: bool
    """The live holder said it began."""
    lease_until: float | None
    more: JobMore
    details: Details | None = None


class Granted(Struct, frozen=True, gc=False):
    """Jobs reserved for the caller; empty when the wait ended without one."""

    jobs: tuple[JobView, ...]


class Pushed(Struct, frozen=True, gc=False):
    """A job pushed to a subscribed connection, already reserved for it."""

    job: JobView


@frozen
class CancelAsked:
    """To a holder that can be told: stop working on this job."""

    job: str
    reservation: str


@frozen
class OneJob:
    """The job that was asked for."""

    job: JobView


@frozen
class Jobs:
    """A page of jobs in order of `seq`; `next` continues it, None: that was all."""

    jobs: tuple[JobView, ...]
    next: int | None = None


@frozen
class WorkerView:
    """One subscribed connection."""

    name: str
    address: str
    groups: tuple[str, ...] | None
    busy: bool
    """It said `in-progress` and has not ended that job."""
    types: tuple[str, ...]
    credit: int
    holding: tuple[str, ...]
    """Ids of the jobs it holds."""
    since: float = 0.0
    """When it subscribed first, unix seconds."""
    finished: int = 0
    """Jobs that it said done, in every queue, since it connected."""


@frozen
class RecurrenceView:
    """One recurrence. Times are unix seconds."""

    number: int
    queue: str
    type: str
    cron: str
    zone: str | None
    paused: bool
    last_tick: float | None
    next_tick: float | None
    missed: str = "skip"
    overlap: str = "allow"
    fires: bool = True
    """False: it made its one job when it was declared."""
    seconds: bool = True
    """A sixth field, for seconds, may come first."""
    payload: bytes | None = None
    """Of the jobs it makes; None: more than 4,096 bytes, and not asked for whole."""
    since: float = 0.0
    """When it was declared, from where its intervals count."""


@frozen
class QueueCounts:
    """How many jobs by state, in the order of JobState, and the same by type."""

    states: tuple[int, ...]
    types: dict[str, tuple[int, ...]]
    published: int
    """Jobs published since start."""
    finished: int
    """Jobs that reached `done` since start."""
    paused: bool
    draining: bool = False


@frozen
class AccessView:
    """Who may use a queue through doors without principals; nothing of its key is shown."""

    keyed: bool = False
    """It asks for a key."""
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    declared: bool = False


NO_ACCESS: Final = AccessView()


@frozen
class QueueView:
    """One queue, whole.

    A list is None when it was never filled or its last entry left singly; empty after a purge.
    """

    number: int
    """Rises with the order of their making."""
    group: str
    name: str
    id: str
    counts: QueueCounts
    jobs: tuple[JobView, ...] | None
    workers: tuple[WorkerView, ...] | None
    recurrences: tuple[RecurrenceView, ...] | None
    access: AccessView = NO_ACCESS


@frozen
class Queues:
    """Queues in order of their making."""

    queues: tuple[QueueView, ...]


@frozen
class Workers:
    """Who is subscribed to a queue, in the order they came."""

    workers: tuple[WorkerView, ...]


@frozen
class Recurrences:
    """What a queue makes on schedule, in order of declaration."""

    recurrences: tuple[RecurrenceView, ...]


@frozen
class RecurrenceSet:
    """The number of the recurrence, never given twice; `queue` is where it stands."""

    number: int


@frozen
class HealthCounts:
    """Over all groups."""

    queues: int
    jobs: int
    workers: int
    failed: tuple[tuple[str, str], ...]
    """Group and name of queues closed after too many crashes."""


Reply = (
    Refused
    | Ok
    | Published
    | PublishedMany
    | Adopted
    | Granted
    | Pushed
    | CancelAsked
    | OneJob
    | Jobs
    | QueueCounts
    | QueueView
    | Queues
    | Workers
    | Recurrences
    | Told
    | RecurrenceSet
    | HealthCounts
    | AccountReply
)


class ReplyTo(Protocol):
    """Where an answer goes. `send` never waits and never fails; whoever left is harmless."""

    def send(self, reply: Reply) -> None:
        """Hand the answer over."""
