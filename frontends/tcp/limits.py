"""The bounds over all connections together: bytes in flight, bytes unsent, how many there are."""

from collections.abc import Callable
from typing import Final

from config.sections import Limits
from frontends.tcp.connection import Connection

UNSENT: Final = 1 << 20
"""Bytes a connection may leave unread before it is not read either."""


def nothing() -> None:
    """Stands where nobody wants to be told."""


class Load:
    """What all connections together weigh, and whether any of them may be read."""

    def __init__(self, limits: Limits) -> None:
        self.in_flight = 0
        """Bytes of commands without an answer."""
        self.unsent = 0
        """Bytes no reader has taken yet."""
        self.handshakes = 0
        """Clients that are no connection yet but take the place of one."""
        self.blocked = False
        """Nothing may be read or run now."""
        self.parked: set[Connection] = set()
        """To be resumed when `blocked` ends."""
        self.wake: Callable[[], None] = nothing
        """Makes whoever runs the rounds look again."""
        self.drained: Callable[[], None] = nothing
        """Called when the last unsent byte is gone."""
        self._limits = limits
        self._stopped = False

    def full(self, connections: int) -> bool:
        """Whether one more than these would be too many."""
        return connections + self.handshakes >= self._limits.connections

    @property
    def excessive(self) -> bool:
        """Whether readers leave more unread than `limits.output`."""
        return self.unsent > self._limits.output

    def weigh(self, connection: Connection, in_flight: int) -> None:
        """A connection has that many bytes in flight now."""
        self.in_flight += in_flight - connection.in_flight
        connection.in_flight = in_flight
        if self.in_flight > self._limits.in_flight:
            self.blocked = True
        elif self.blocked and not self._stopped:
            self.blocked = False
            self.wake()
            parked, self.parked = self.parked, set()
            for waiting in parked:
                waiting.resume()

    def taken(self, size: int) -> None:
        """Readers took that many bytes, or lost their claim to them."""
        self.unsent -= size
        if size and not self.unsent:
            self.drained()

    def forget(self, connection: Connection) -> None:
        """A connection is gone with all its bytes."""
        self.parked.discard(connection)
        self.taken(len(connection.unsent or b""))
        connection.unsent = None
        self.weigh(connection, 0)

    def stop(self) -> None:
        """Read and run nothing any more."""
        self._stopped = self.blocked = True
