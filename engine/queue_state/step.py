"""What one batch did to a queue: values that may leave it."""

from attrs import frozen
from msgspec import Struct, field

from engine.access import Peer
from engine.events import Event
from engine.job import Job
from engine.replies import Reply, ReplyTo
from engine.store.tables import Key, Row, Table


@frozen
class Parting:
    """A job that goes over to another queue of its group; the step's rows say so already."""

    job: Job
    queue: str
    number: int
    """That queue's, as the job's row has it."""


class Step(Struct, eq=False):
    """What one batch did: rows to keep, letters to post once they are kept."""

    number: int
    changes: dict[Table, dict[Key, Row | None]]
    letters: list[tuple[ReplyTo, Reply]]
    grants: bool = False
    """Ask for `durable(number)` once it is committed."""
    born: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    freed: list[Peer] = field(default_factory=list)
    """Peers of one job at a time that may now be served by other queues."""
    adopted: dict[tuple[int, int], Peer] = field(default_factory=dict)
    """Reservations, by number, that came over to another connection."""
    events: list[Event] = field(default_factory=list)
    """Told once the step is durable."""
    lacking: bool = False
    """A letter may show a job without what is on disk only: it is filled in on the way out."""
    partings: list[Parting] = field(default_factory=list)
    """Jobs given to other queues, posted to them in the breath of this step."""
