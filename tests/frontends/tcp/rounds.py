"""A mux without a task: the test calls its rounds, and its clients are plain sockets."""

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config.sections import Limits
from engine.access import Principal
from frontends.tcp.mux import Mux
from frontends.tcp.scheduler import Scheduler
from tests.frontends.tcp.toy import Toy

PATIENCE = 20.0
"""Seconds after which a test gives up; no test rests on their length."""


class Rounds:
    """A mux whose rounds the test calls, with clients that are plain sockets."""

    def __init__(
        self,
        limits: Limits,
        send_buffer: int | None = None,
        kind: type[socket.socket] = socket.socket,
    ) -> None:
        self.time = 0.0
        self.lapse = 0.0
        """Seconds that pass with each look at the clock."""
        self.scheduler = Scheduler(limits, self.now)
        self.mux = Mux(self.scheduler, self._open)
        self.toys: list[Toy] = []
        self.clients: list[socket.socket] = []
        made = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener = kind(fileno=made.detach())
        if send_buffer is not None:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.listener.setblocking(False)
        self.address = self.listener.getsockname()
        self.mux.listen(self.listener)

    def now(self) -> float:
        self.time += self.lapse
        return self.time

    def connect(self, receive_buffer: int | None = None) -> socket.socket:
        client = socket.socket()
        client.settimeout(PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(self.address)
        self.clients.append(client)
        return client

    def come(self, receive_buffer: int | None = None) -> tuple[socket.socket, Toy]:
        """A client that is let in."""
        known = len(self.toys)
        client = self.connect(receive_buffer)
        self.until(lambda: len(self.toys) > known)
        return client, self.toys[-1]

    def until(self, condition: Callable[[], bool]) -> None:
        """Rounds until it holds; between them the selector waits as the task would."""
        while not condition():
            if not (self.scheduler.pending or self.mux._ready):
                selector = self.mux.writes if self.scheduler.load.blocked else self.mux.reads
                assert selector.select(PATIENCE), "nothing more happens"
            self.mux.round()

    def rest(self) -> None:
        """Rounds until there is nothing to do."""
        while self.scheduler.pending or self.mux._ready or self.mux.reads.select(0):
            self.mux.round()

    def hear(self, client: socket.socket, size: int) -> bytes:
        """What a client is sent, with rounds as long as it lacks some."""
        client.setblocking(False)
        heard = bytearray()
        with selectors.DefaultSelector() as both:
            both.register(client, selectors.EVENT_READ)
            both.register(self.mux.reads.fileno(), selectors.EVENT_READ)
            while len(heard) < size:
                self.mux.round()
                try:
                    chunk = client.recv(size - len(heard))
                except BlockingIOError:
                    if not (self.scheduler.pending or self.mux._ready):
                        assert both.select(PATIENCE), bytes(heard[-80:])
                    continue
                if not chunk:
                    break
                heard += chunk
        client.setblocking(True)
        client.settimeout(PATIENCE)
        return bytes(heard)

    def dirty(self, session: object) -> None:
        self.scheduler.dirty(session)

    def start_login(
        self,
        session: object,
        name: str,
        password: bytes,
        then: Callable[[Principal | str], None],
    ) -> None:
        raise AssertionError("logins need a server")

    def _open(self, address: str, *, local: bool, encrypted: bool) -> Toy:
        assert (local, encrypted) == (True, False)
        toy = Toy(self, address, lambda: self.time)
        self.toys.append(toy)
        return toy


@contextmanager
def rounds(
    limits: Limits | None = None,
    send_buffer: int | None = None,
    kind: type[socket.socket] = socket.socket,
) -> Iterator[Rounds]:
    """A mux with its clients, all closed afterwards; `kind` of its listener."""
    made = Rounds(limits or Limits(), send_buffer, kind)
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        made.mux.stop_accepting()
        made.scheduler.drop_all()
        made.mux.reads.close()
        made.mux.writes.close()
