"""What all clients of one run saw, in the order it happened, and its fingerprint."""

from hashlib import blake2b

import trio
from attrs import evolve, frozen

from jobyard.soak.history import Closing, Event, Got, Killing, Publishing


@frozen
class Over:
    """A job was shown at its end."""

    job: str
    state: str
    sent: float
    at: float


@frozen
class Bulk:
    """Jobs that were published together, or were to be: all of them or none."""

    keys: tuple[str, ...]


@frozen
class Emptied:
    """A queue was emptied or deleted: these jobs of it are gone for good."""

    jobs: tuple[str, ...]
    at: float


@frozen
class Tick:
    """A job that a recurrence made, as a listing showed it."""

    job: str
    recurrence: int
    tick: float
    """Unix seconds of the wall clock; 0: it was made by hand."""
    created_at: float
    """Unix seconds of the engine's clock."""


Witnessed = Over | Bulk | Emptied | Tick


class Story:
    """The history as it grows."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.jobs: dict[str, None] = {}
        """Ids that were told to somebody."""
        self.removed: set[str] = set()
        """Ids of jobs that somebody asked to be deleted."""
        self.calm = False
        """Nothing new begins: what is there is worked off well."""
        self.pauses: list[tuple[str, float, float]] = []
        """A queue, and from when to when it was certainly paused."""
        self.handed: list[tuple[str, str, float]] = []
        """Queue, job and when, of what was handed out where the protocol shows the queue."""
        self.witnessed: list[Witnessed] = []
        self.complaints: list[str] = []
        """What a client saw that must not be."""
        self._names = 0
        self._trace = blake2b(digest_size=8)

    @property
    def trace(self) -> str:
        """Two runs with the same one went the same way."""
        return self._trace.hexdigest()

    def note(self, event: Event) -> None:
        """Add an event."""
        self._trace.update(f"{trio.current_time()!r} {event!r}".encode())
        if isinstance(event, Publishing | Got) and event.job:
            self.jobs[event.job] = None
        self.events.append(event)

    def witness(self, seen: Witnessed) -> None:
        """Add what belongs to no hold of a job."""
        self._trace.update(f"{trio.current_time()!r} {seen!r}".encode())
        self.witnessed.append(seen)

    def name(self, what: str) -> str:
        """A name nobody has had."""
        self._names += 1
        return f"{what}-{self._names}"

    def killed(self) -> None:
        """Note that the server is being killed."""
        self.note(Killing(trio.current_time()))

    def lost(self, holder: str) -> None:
        """Note that a connection is no more."""
        self.note(Closing(holder, trio.current_time()))

    def renewed(self, got: Got, lapse: float) -> Got:
        """The holder was heard again: its lease ends later."""
        at = next(n for n in range(len(self.events) - 1, -1, -1) if self.events[n] is got)
        later = evolve(got, lapse=max(got.lapse, lapse))
        self.events[at] = later
        return later
