"""What a job is: its states, the legal moves between them, and the policy jobs share.

The table of moves is the law; the drawing in the documentation is its picture. A move that is not
in it does not exist.
"""

from enum import Enum, IntEnum, auto
from math import inf
from typing import Final

from attrs import frozen
from msgspec import Struct

from engine.retry import Backoff


class JobState(IntEnum):
    """Where a job is. The last four are terminal: only a reset brings a job back."""

    SCHEDULED = 0
    READY = 1
    RESERVED = 2
    DONE = 3
    FAILED = 4
    CANCELED = 5
    EXPIRED = 6


STATES: Final = tuple(JobState)
TERMINAL: Final = frozenset(
    {JobState.DONE, JobState.FAILED, JobState.CANCELED, JobState.EXPIRED},
)


class Cause(IntEnum):
    """Why a job moved."""

    DUE = auto()
    GRANTED = auto()
    FINISHED = auto()
    ERRORED = auto()
    RELEASED = auto()
    LAPSED = auto()
    DISCONNECTED = auto()
    TOO_LONG = auto()
    QUARANTINED = auto()
    CANCELED = auto()
    EXPIRED = auto()
    RESET = auto()
    DELAYED = auto()


_S = JobState
MOVES: Final[frozenset[tuple[JobState, Cause, JobState]]] = frozenset(
    {
        (_S.SCHEDULED, Cause.DUE, _S.READY),
        (_S.READY, Cause.DELAYED, _S.SCHEDULED),
        (_S.READY, Cause.GRANTED, _S.RESERVED),
        (_S.RESERVED, Cause.FINISHED, _S.DONE),
        *(
            (_S.RESERVED, cause, to)
            for cause in (
                Cause.ERRORED,
                Cause.RELEASED,
                Cause.LAPSED,
                Cause.DISCONNECTED,
                Cause.TOO_LONG,
            )
            for to in (_S.SCHEDULED, _S.READY)
        ),
        (_S.RESERVED, Cause.ERRORED, _S.FAILED),
        (_S.RESERVED, Cause.LAPSED, _S.FAILED),
        (_S.RESERVED, Cause.TOO_LONG, _S.FAILED),
        (_S.RESERVED, Cause.QUARANTINED, _S.FAILED),
        *((s, Cause.CANCELED, _S.CANCELED) for s in (_S.SCHEDULED, _S.READY, _S.RESERVED)),
        (_S.SCHEDULED, Cause.EXPIRED, _S.EXPIRED),
        (_S.READY, Cause.EXPIRED, _S.EXPIRED),
        *((s, Cause.RESET, _S.READY) for s in TERMINAL),
    },
)
"""Every legal move: from, cause, to. Publishing and deleting have no state on one side."""


class OnLapse(Enum):
    """What a job does when its holder falls silent."""

    RETRY = "retry"
    FAIL = "fail"


DEFAULT_BACKOFF: Final = Backoff()


class JobPolicy(Struct, frozen=True, cache_hash=True, omit_defaults=True):
    """How jobs are treated; one object shared by every job published alike. Times in seconds."""

    lease: float = 60.0
    """How long a holder may be silent."""
    on_lapse: OnLapse = OnLapse.RETRY
    run_limit: float | None = None
    """The longest run, however lively the holder."""
    max_attempts: int | None = 20
    """Failures allowed; None: no limit."""
    backoff: Backoff = DEFAULT_BACKOFF
    keep_done: float = 86_400.0
    keep_failed: float = 30 * 86_400.0
    lapses_count: bool = True
    """Whether a lapse counts towards quarantine; the line protocol's silence does not."""


DEFAULT_POLICY: Final = JobPolicy()


class Reservation(Struct, eq=False, gc=False):
    """One holder's hold on a job. `number` is unique within a boot, never used twice."""

    boot: int
    number: int
    principal: str
    peer: object | None
    """The connection it belongs to, by identity; None for callers without one."""
    since: float
    lease: float
    durable: bool = False
    """Its clocks run only once the grant is on disk."""
    lease_until: float = inf
    run_until: float = inf
    back_at: float = inf
    """Set when its connection went: given back then unless the holder returns."""
    cancel_at: float = inf
    """Set when the job was canceled under a holder that can be told."""
    started: bool = False
    """The holder said it began."""
    bound: bool = False
    """It belongs to a connection and ends with it."""
    grace: float = 0.0
    """Seconds it waits for that connection after a restart."""
    id: str = ""
    """Text form, as clients see it; made of boot and number."""

    def __post_init__(self) -> None:
        self.id = f"{self.boot}-{self.number}"

    @property
    def key(self) -> tuple[int, int]:
        """What no other has, in this boot or an earlier one."""
        return self.boot, self.number


class Rare(Struct, eq=False, gc=False):
    """What few jobs have: kept apart so that a plain waiting job stays small."""

    expires_at: float | None = None
    content_type: str = ""
    unique_key: str = ""
    unique_scope: float | str = ""
    """`queued`, `unfinished`, or a window in seconds."""
    recurrence: int = 0
    tick: float = 0.0
    lapses: int = 0
    disconnects: int = 0
    releases: int = 0
    resets: int = 0
    streak: int = 0
    """Lapses and disconnects in a row."""
    spent: int = 0
    """Attempts before the last reset: a reset grants `max_attempts` anew."""
    reason: str = ""
    """Why it failed or was canceled, in one word: `quarantined`, `attempts`, `told`, …"""
    progress: float | None = None
    note: str = ""
    noted: bool = False
    """It has details, in memory or on disk."""
    forget_at: float | None = None
    """It is over, and may be forgotten then, though its policy would keep it longer."""
    details: "Details | None" = None


@frozen
class Details:
    """What is read only when somebody looks: kept in memory while the job lives, then on disk."""

    result: bytes | None = None
    error_type: str = ""
    error: str = ""
    trace: str = ""
    log: tuple[tuple[float, str], ...] = ()
    checkpoint: bytes | None = None
    """What an attempt left for the next one."""
    result_type: str = ""
    """The content type of the result."""


@frozen
class JobMore:
    """The rare part of a job as it is shown."""

    expires_at: float | None = None
    content_type: str = ""
    unique_key: str = ""
    unique_scope: float | str = ""
    recurrence: int = 0
    tick: float = 0.0
    lapses: int = 0
    disconnects: int = 0
    releases: int = 0
    resets: int = 0
    reason: str = ""
    progress: float | None = None
    note: str = ""


PLAIN_MORE: Final = JobMore()
"""Of a job that has nothing rare."""


class Job(Struct, eq=False, gc=False):
    """One job, owned and changed by its queue alone. Times are unix seconds of the engine clock.

    Jobs refer to nothing that refers back, so the collector need not look at them: with a million
    waiting, its pauses would be the longest there are.
    """

    id: str
    seq: int
    type: str
    payload: bytes | None
    """None: on disk only."""
    state: JobState
    priority: int
    policy: JobPolicy
    ready_at: float
    created_at: float
    updated_at: float
    attempts: int = 0
    failures: int = 0
    reservation: Reservation | None = None
    started_at: float | None = None
    finished_at: float | None = None
    done_at: float | None = None
    history: tuple[tuple[str, float, float, str], ...] = ()
    """Who held it: principal, since, until, how it ended; the last ten."""
    alarm: float = inf
    """When its one entry in the queue's alarms fires."""
    rare: Rare | None = None
