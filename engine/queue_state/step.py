"""What one batch did to a queue: values that may leave it."""

from attrs import define, field

from engine.access import Peer
from engine.replies import Reply, ReplyTo
from engine.store.tables import Key, Row, Table


@define
class Step:
    """What one batch did: rows to keep, letters to post once they are kept."""

    number: int
    changes: dict[Table, dict[Key, Row | None]]
    letters: list[tuple[ReplyTo, Reply]]
    grants: bool = False
    """Ask for `durable(number)` once it is committed."""
    born: list[str] = field(factory=list[str])
    gone: list[str] = field(factory=list[str])
    freed: list[Peer] = field(factory=list[Peer])
    """Peers of one job at a time that may now be served by other queues."""
    adopted: dict[tuple[int, int], Peer] = field(factory=dict[tuple[int, int], Peer])
    """Reservations, by number, that came over to another connection."""
