"""What a session of the line protocol needs from the place it runs in."""

from collections.abc import Callable
from typing import Protocol

from engine.access import Caller, Peer, Principal
from engine.replies import ReplyTo


class Engine(Protocol):
    """The part of the engine that doors use."""

    def submit(
        self, who: Caller, command: object, reply_to: ReplyTo, request_id: str | None = None
    ) -> None:
        """Authorize, route and queue a command; `reply_to` gets exactly one answer, later."""

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        """A connection closed: its queues give back or keep for a while what it held."""

    def half_closed(self, peer: Peer) -> None:
        """A connection sends no more: what it waits for is answered now, with what there is."""


class Door(Protocol):
    """The listener's side of a session: who is there, and what must not happen in a session."""

    def dirty(self, session: object) -> None:
        """`session.output()` has something to say; called once until it is asked."""

    def start_login(
        self,
        session: object,
        name: str,
        password: bytes,
        then: Callable[["Principal | str"], None],
    ) -> None:
        """Check a password without blocking; `then` gets the principal or a refusal's code."""

    def sessions(self) -> "list[Peer]":
        """Every open session of every listener, oldest first."""

    def groups(self) -> list[str]:
        """Every group there is, in configured order."""

    def stop_server(self) -> None:
        """Stop as SIGTERM does."""
