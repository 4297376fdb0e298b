"""All plain connections: one task, one selector, no task or channel for any of them.

Rule 1: a round reads what is ready, runs what was left over, and sends once per connection.
Rule 2: whoever may not be read is not in the selector, so nothing spins and nothing polls.
Rule 3: a round ends after `ROUND`, however many are ready; the next begins with who was left.
"""

import selectors
import socket
from contextlib import suppress
from typing import Final

import structlog
import trio

from frontends.guard import report
from frontends.listening import OUT_OF_MEANS, is_local, tune, written
from frontends.tcp.connection import Connection, Conversation, OpenSession
from frontends.tcp.scheduler import Scheduler

log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

CHUNK: Final = 64 << 10
"""Bytes read at once from a connection."""
ACCEPTS: Final = 64
"""Clients of one listener let in per round."""
PAUSE: Final = 0.5
"""Seconds before accepting is tried again when the system has no means for it."""
ROUND: Final = 0.005
"""Seconds after which a round lets the engine's tasks run."""
DISCARD: Final = 16
"""Chunks thrown away on closing: what is left unread would turn the close into a reset."""
REFUSAL: Final = b"Err: too-many-connections\n"


class Mux:
    """Owner of the plain listeners and connections."""

    def __init__(self, scheduler: Scheduler, open_session: OpenSession) -> None:
        self.scheduler = scheduler
        self.open_session = open_session
        self.reads = selectors.DefaultSelector()
        self.writes = selectors.DefaultSelector()
        self._listeners: list[Listener] = []
        self._wait: trio.CancelScope | None = None
        self._closed = False
        self._ready: list[tuple[selectors.SelectorKey, int]] = []
        """Who was ready and had no turn in the round before."""
        self._writers = Writers(self)
        self.reads.register(self.writes, selectors.EVENT_READ, self._writers)

    def listen(self, listener: socket.socket) -> None:
        """Let in who comes there; the socket listens already and does not block."""
        self._listeners.append(Listener(self, listener))

    def stop_accepting(self) -> None:
        """Close the listeners; who is in stays."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def wake(self) -> None:
        """Have the next round begin now. To be called from the loop's own thread."""
        if self._wait is not None:
            self._wait.cancel()

    def close(self) -> None:
        """End `run` after its round."""
        self._closed = True
        self.wake()

    async def run(self) -> None:
        """Serve until `close`; at the end nothing is open any more."""
        self.scheduler.load.wake = self.wake
        try:
            while not self._closed:
                await self._until_ready()
                self.round()
        finally:
            self.stop_accepting()
            self.scheduler.drop_all()
            self.reads.close()
            self.writes.close()

    def round(self) -> None:
        """Everything that can be done without waiting."""
        scheduler = self.scheduler
        now = scheduler.now
        end = now() + ROUND
        if scheduler.load.blocked:
            self._writers.ready()
        else:
            ready, self._ready = self._ready or self.reads.select(0), []
            for at, (key, _) in enumerate(ready, 1):
                key.data.ready()
                if at % 8 == 0 and now() >= end:
                    self._ready = ready[at:]
                    break
        scheduler.run_leftovers(end)
        scheduler.alarms.ring(now())
        scheduler.flush()

    async def _until_ready(self) -> None:
        scheduler = self.scheduler
        if scheduler.pending or (self._ready and not scheduler.load.blocked):
            await trio.lowlevel.checkpoint()
            return
        selector = self.writes if scheduler.load.blocked else self.reads
        rest = scheduler.alarms.next - scheduler.now()
        with trio.CancelScope(deadline=trio.current_time() + rest) as self._wait:
            await trio.lowlevel.wait_readable(selector.fileno())
        self._wait = None


class PlainConnection(Connection):
    """One socket of the mux."""

    __slots__ = ("_mux", "_sock", "_watched")

    def __init__(self, mux: Mux, sock: socket.socket, session: Conversation) -> None:
        super().__init__(session)
        self._mux = mux
        self._sock = sock
        self._watched = False
        self.resume()

    def ready(self) -> None:
        """The socket has bytes, or its end."""
        scheduler = self._mux.scheduler
        if scheduler.load.blocked:
            return
        if not scheduler.may_read(self):
            self._pause()
            return
        try:
            received = self._sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            scheduler.drop(self)
            return
        if received:
            scheduler.received(self, received)
        else:
            self._pause()
            scheduler.end(self)

    def writable(self) -> None:
        """The socket takes more of what waits."""
        unsent = self.unsent
        if not unsent:
            return
        try:
            size = self._sock.send(unsent)
        except BlockingIOError:
            return
        except OSError:
            self._mux.scheduler.drop(self)
            return
        del unsent[:size]
        if not unsent:
            self._mux.writes.unregister(self._sock)
        self._mux.scheduler.sent(self, size)

    def send(self, data: bytes) -> int:
        """Send, and watch for writing what was not taken."""
        if self.unsent is not None:
            self.unsent += data
            return len(data)
        try:
            size = self._sock.send(data)
        except BlockingIOError:
            size = 0
        if size < len(data):
            self.unsent = bytearray(data[size:])
            self._mux.writes.register(self._sock, selectors.EVENT_WRITE, self)
        return len(data) - size

    def resume(self) -> None:
        """Watch for reading."""
        if not self._watched:
            self._watched = True
            self._mux.reads.register(self._sock, selectors.EVENT_READ, self)

    def close(self) -> None:
        """Close so that the peer can read to the end of what was sent."""
        self._pause()
        if self.unsent is not None:
            self._mux.writes.unregister(self._sock)
        with suppress(OSError):
            for _ in range(DISCARD):
                if not self._sock.recv(CHUNK):
                    break
        self._sock.close()

    def _pause(self) -> None:
        if self._watched:
            self._watched = False
            self._mux.reads.unregister(self._sock)


class Writers:
    """Stands in the selector for reading, for all that wait in the one for writing."""

    def __init__(self, mux: Mux) -> None:
        self._mux = mux

    def ready(self) -> None:
        """Some sockets take more."""
        for key, _ in self._mux.writes.select(0):
            key.data.writable()


class Listener:
    """One listening socket of the mux."""

    def __init__(self, mux: Mux, sock: socket.socket) -> None:
        self._mux = mux
        self._sock = sock
        self._watched = False
        self._watch(0.0)

    def ready(self) -> None:
        """Let in who waits, some at a time."""
        for _ in range(ACCEPTS):
            try:
                sock, peer = self._sock.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in OUT_OF_MEANS:
                    self._rest(error)
                return
            self._admit(sock, peer)

    def close(self) -> None:
        """Let nobody in any more."""
        self._mux.scheduler.alarms.disarm(self)
        if self._watched:
            self._mux.reads.unregister(self._sock)
        self._sock.close()

    def _admit(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        scheduler = self._mux.scheduler
        try:
            sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            if scheduler.full:
                scheduler.counters.refused += 1
                sock.send(REFUSAL)
                sock.shutdown(socket.SHUT_WR)
                sock.close()
                return
            tune(sock)
            address = written(*peer[:2])
            session = self._mux.open_session(address, local=is_local(peer[0]), encrypted=False)
            scheduler.add(PlainConnection(self._mux, sock, session))
        except OSError:
            sock.close()
        except Exception as error:  # noqa: BLE001 - the guard: no session, no connection
            report(written(*peer[:2]), error)
            sock.close()

    def _watch(self, _now: float) -> None:
        self._watched = True
        self._mux.reads.register(self._sock, selectors.EVENT_READ, self)

    def _rest(self, error: OSError) -> None:
        """Do not spin: the waiting client stays ready to be accepted."""
        scheduler = self._mux.scheduler
        scheduler.counters.accept_failures += 1
        log.warning("no connection can be accepted for a moment", error=error.strerror)
        self._watched = False
        self._mux.reads.unregister(self._sock)
        scheduler.alarms.arm(self, scheduler.now() + PAUSE, self._watch)
