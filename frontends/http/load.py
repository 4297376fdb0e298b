"""What HTTP connections share: their bounds, and how much of everything there is."""

import math
from typing import Final, Protocol

import trio
from attrs import frozen
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework

from frontends.http.bounds import Bounds
from frontends.http.heads import Names
from frontends.http.statistics import Counters

FOREVER: Final = 1 << 62


class Silent(Logger):
    """hypercorn's log is not used: the guard reports what breaks, and clients are not logged."""

    def __init__(self, config: Config) -> None:
        config.accesslog = config.errorlog = None
        super().__init__(config)


class Dated(Config):
    """Writes the date once a second, not once an answer."""

    _date: tuple[float, list[tuple[bytes, bytes]]] = (-math.inf, [])

    def response_headers(self, protocol: str) -> list[tuple[bytes, bytes]]:
        """What every answer has."""
        now = trio.current_time()
        if now >= self._date[0] + 1:
            self._date = (now, super().response_headers(protocol))
        return self._date[1]


def hypercorn_config(bounds: Bounds) -> Config:
    """The settings of hypercorn's protocol; deadlines and connections are ours."""
    config = Dated()
    config.logger_class = Silent
    config.include_server_header = False
    config.h11_max_incomplete_size = bounds.head
    config.keep_alive_max_requests = FOREVER
    return config


@frozen
class Entrance:
    """What is the same for all connections of one listener."""

    application: ASGIFramework
    names: Names


@frozen
class Ends:
    """The two addresses of a connection."""

    client: tuple[str, int]
    server: tuple[str, int]
    encrypted: bool


class Closable(Protocol):
    """A connection, as the server stops it."""

    def stop(self) -> None:
        """End when nothing is being answered."""

    def abort(self) -> None:
        """End now."""


class Load:
    """The bounds and the figures of all listeners together."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.config = hypercorn_config(bounds)
        self.context = WorkerContext(None)
        self.counters = Counters()
        self.in_flight = 0
        """Bytes of bodies."""
        self.shaking = 0
        """Clients in their handshake, which take the place of a connection."""
        self.connections: set[Closable] = set()
        self.streams: set[trio.CancelScope] = set()
        self._empty: trio.Event | None = None

    @property
    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return len(self.connections) + self.shaking >= self.bounds.connections

    def leave(self, connection: Closable) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        if not self.connections and self._empty is not None:
            self._empty.set()

    async def wait_empty(self) -> None:
        """Wait until there is no connection."""
        while self.connections:
            self._empty = trio.Event()
            await self._empty.wait()
