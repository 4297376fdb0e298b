"""What a socket and a session have in common: one client, and what it has not been sent yet."""

from typing import Protocol


class Conversation(Protocol):
    """The part of a session that its connection drives."""

    address: str
    name: str
    """Of its user; empty before a login."""

    @property
    def in_flight(self) -> int:
        """Bytes of the commands that have no answer yet."""

    @property
    def waiting(self) -> int:
        """How many commands have no answer yet."""

    @property
    def held(self) -> bool:
        """Neither read nor turn it now: a login runs, or too much is unanswered."""

    @property
    def closing(self) -> bool:
        """Close once everything of `output()` is written."""

    @property
    def deadline(self) -> float | None:
        """When `silence()` is due."""

    def receive(self, data: bytes) -> None:
        """Bytes came in."""

    def turn(self, limit: int) -> bool:
        """Run up to `limit` commands; True: complete commands still wait."""

    def output(self) -> bytes:
        """Everything that may go out now, in order."""

    def silence(self, now: float) -> None:
        """Nothing came until the deadline."""

    def half_closed(self) -> None:
        """The peer sends no more, and the commands it sent have begun."""

    def closed(self) -> None:
        """The connection is gone."""

    def logout(self, reason: str) -> None:
        """Its user is no more."""


class OpenSession(Protocol):
    """Makes the session of a client that came."""

    def __call__(self, address: str, *, local: bool, encrypted: bool) -> Conversation:
        """Give a session (a `Peer`) for `host:port`; `local`: that is on this machine."""


class Connection:
    """One client of any listener. The scheduler decides about it, its transport moves bytes."""

    __slots__ = ("answered", "ended", "in_flight", "more", "session", "stuck", "unsent")

    def __init__(self, session: Conversation) -> None:
        self.session = session
        self.unsent: bytearray | None = None
        """What the socket did not take; None while it takes everything."""
        self.in_flight = 0
        """The session's bytes in flight as the sum over all connections counts them."""
        self.more = False
        """Complete commands wait for another turn."""
        self.stuck = False
        """The session was held after its last turn."""
        self.answered = False
        """Something was said to it since the scheduler last doubted it."""
        self.ended = False
        """The peer sends no more; it may still be owed answers."""

    def send(self, data: bytes) -> int:
        """Send at once what the socket takes; the rest joins `unsent`.

        Returns:
            How many bytes `unsent` grew by.

        Raises:
            OSError: the connection is gone.
        """
        raise NotImplementedError

    def resume(self) -> None:
        """Read again: what kept this connection from being read is over."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the socket, whatever state it is in. Never waits, never fails."""
        raise NotImplementedError
