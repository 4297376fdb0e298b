"""What every HTTP dialect is given of the server it is part of."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from config.settings import Settings
from engine.access import Caller, Peer
from engine.queue_access import QueueAccess
from engine.replies import Reply, ReplyTo
from frontends.login import Login
from frontends.observed import Observed


class Engine(Protocol):
    """The part of the engine that HTTP dialects use."""

    def submit(
        self, who: Caller, command: object, to: ReplyTo, request_id: str | None = None
    ) -> None:
        """Authorize, route and queue a command; `to` gets exactly one answer, later."""

    async def execute(self, who: Caller, command: object, request_id: str | None = None) -> Reply:
        """Submit and wait for the answer; cancelled, it leaves nothing reserved."""

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        """A connection closed: its queues give back or keep for a while what it held."""

    def half_closed(self, peer: Peer) -> None:
        """A connection sends no more: what it waits for is answered now, with what there is."""

    def access(self, group: str, queue: str) -> QueueAccess | None:
        """Who may use a queue through doors without principals; None: there is no such queue."""

    def queue_names(self, group: str) -> list[str]:
        """The queues of a group, in order of their making."""

    def fingerprint(self, text: str) -> bytes:
        """What is kept of a secret: it may be compared, never shown."""


@frozen
class Site:
    """One server, as its HTTP dialects see it."""

    engine: Engine
    login: Login
    settings: Settings
    groups: Callable[[], Sequence[str]]
    """Every group there is, in order."""
    now: Callable[[], float]
    """Unix seconds of the engine's clock."""
    version: str
    started_at: float
    observed: Observed | None = None
    """None: there are no events, no health and no metrics."""
    lines: Callable[[], Sequence[Peer]] = tuple
    """Sessions of the line protocol, oldest first."""
