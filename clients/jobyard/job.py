"""What answers are made of, as small values. Times are unix seconds, durations seconds."""

from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from jobyard.errors import ProtocolError

State = Literal["scheduled", "ready", "reserved", "done", "failed", "canceled", "expired"]
OVER: Final = frozenset({"done", "failed", "canceled", "expired"})
"""States that only a reset leads out of."""
_RAW: Final = frozenset({"payload", "result", "checkpoint"})
"""Fields that are bytes and stay so."""
_NOT_PLAIN: Final = frozenset({bytes, list, dict})
"""What answers have beside values that stay as they are."""


class Job(Struct, frozen=True, kw_only=True):
    """A job as it was when the server answered."""

    id: str
    seq: int = 0
    group: str = ""
    queue: str
    type: str
    payload: bytes | None = None
    content_type: str = ""
    state: State
    priority: int = 0
    ready_at: float = 0.0
    created_at: float = 0.0
    updated_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    done_at: float | None = None
    expires_at: float | None = None
    lease_until: float | None = None
    reservation: str | None = None
    """Id of the live reservation; None: nobody holds it."""
    holder: str | None = None
    started: bool = False
    attempts: int = 0
    failures: int = 0
    lapses: int = 0
    disconnects: int = 0
    releases: int = 0
    resets: int = 0
    reason: str = ""
    unique_key: str = ""
    progress: float | None = None
    note: str = ""
    result: bytes | None = None
    error: str | None = None
    error_type: str | None = None
    trace: str | None = None
    log: tuple[tuple[float, str], ...] | None = None
    checkpoint: bytes | None = None
    """What the attempt before left for this one."""
    lease: float = 60.0
    run_limit: float | None = None
    max_attempts: int | None = None

    @property
    def over(self) -> bool:
        """Whether it is done, failed, canceled or expired."""
        return self.state in OVER

    def json(self) -> Any:
        """The payload read as JSON.

        Raises:
            ValueError: it is none.
        """
        try:
            return msgspec.json.decode(self.payload or b"null")
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(f"the payload of {self.id} is no JSON") from error


class Published(Struct, frozen=True):
    """The job's id; `existing` when a unique key found an earlier job."""

    job: str
    existing: bool = False


class Page(Struct, frozen=True):
    """Jobs in order of publishing; `next` continues the listing, None: that was all."""

    jobs: tuple[Job, ...]
    next: int | None = None


class Counts(Struct, frozen=True):
    """How many jobs a queue has of each state, and of each type and state."""

    states: dict[State, int]
    types: dict[str, dict[State, int]]
    published: int = 0
    finished: int = 0
    paused: bool = False


STATES: Final[tuple[State, ...]] = (
    "scheduled", "ready", "reserved", "done", "failed", "canceled", "expired",
)  # fmt: skip


def plain(value: Any) -> Any:
    """An answer with its texts as text; payload, result and checkpoint stay bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {
            key: plain(item) if type(item) in _NOT_PLAIN and key not in _RAW else item
            for key, item in value.items()
        }
    return value


def read(answer: Any, kind: Any) -> Any:
    """An answer as a value of `kind`.

    Raises:
        ProtocolError: it does not have that shape.
    """
    try:
        return msgspec.convert(plain(answer), kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"the answer is no {kind}: {error}") from error
