"""One HTTP connection: its socket, its deadlines, and the guard that keeps its end its own.

The task that reads is also the watcher: it waits under one cancel scope whose deadline moves with
what the connection waits for. A write has a deadline of its own and is cancelled by nothing else.
Nobody writes while a request is being answered but the task of that request.
"""

from contextlib import suppress
from math import inf
from typing import Final

import trio
from hypercorn.events import Closed, Event, RawData, Updated

from frontends.guard import report
from frontends.http.heads import TOO_SLOW
from frontends.http.load import Ends, Entrance, Load
from frontends.http.plain import read, write_now
from frontends.http.protocol import Phase, Protocol
from frontends.http.tasks import Gone, Tasks
from frontends.listening import written

CHUNK: Final = 16 << 10
UNSAID: Final = 1.0
"""Seconds that answers have yet when a client said its last: it may be gone, or may listen."""
LINGER: Final = 1.0
"""Seconds a client has to read an answer that ends the connection, and to close it."""

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Edge:
    """A client that came, and where it ends."""

    def __init__(self, entrance: Entrance, load: Load, stream: Stream, ends: Ends) -> None:
        """Take over a stream whose handshake is done."""
        self._entrance = entrance
        self._load = load
        self._stream = stream
        self._ends = ends
        self._address = written(*ends.client)
        self._waits = {
            Phase.IDLE: load.bounds.idle,
            Phase.HEAD: load.bounds.head_time,
            Phase.BODY: load.bounds.body_time,
            Phase.ANSWER: inf,
        }
        self._phase = Phase.IDLE
        self._reading = trio.CancelScope(deadline=trio.current_time() + load.bounds.head_time)
        self._pause = trio.CancelScope()
        """Round the reading of what comes before the answer to what came is out."""
        self._closing = False
        self._aborted = False

    async def run(self) -> None:
        """Serve it to its end; nothing but a cancellation leaves here."""
        self._load.connections.add(self)
        try:
            async with trio.open_nursery() as nursery:
                tasks = Tasks(nursery, self._address, self._load.counters)
                await self._converse(tasks)
        finally:
            self._load.leave(self)
            await self._let_go()

    def stop(self) -> None:
        """Close it when nothing is being answered; else it ends with that answer."""
        if self._phase is not Phase.ANSWER and not self._closing:
            self._phase = Phase.IDLE
            self._reading.cancel()

    def abort(self) -> None:
        """Close it, whatever it does."""
        self._aborted = True
        self._reading.cancel()
        stream = self._stream
        plain = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
        plain.socket.close()

    async def _converse(self, tasks: Tasks) -> None:
        protocol = Protocol(
            self._entrance, self._load, tasks, self._ends, self._expect, self._protocol_send
        )
        try:
            with self._reading:
                await self._read(protocol, tasks)
            if self._reading.cancelled_caught and self._phase in {Phase.HEAD, Phase.BODY}:
                self._load.counters.late += 1
                await protocol.refuse(TOO_SLOW)
        except (Gone, trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        except Exception as error:  # noqa: BLE001 - the guard: one connection's bug is its own end
            self._load.counters.broken += 1
            report(self._address, error)
        await protocol.handle(Closed())

    async def _read(self, protocol: Protocol, tasks: Tasks) -> None:
        while True:
            data = b""
            if protocol.paused:
                with self._pause:
                    data = await self._receive()
                paused, self._pause = self._pause, trio.CancelScope()
                more = paused.cancelled_caught
            else:
                data = await self._receive()
                more = False
            if not data and not more:
                tasks.said_last = True
                with trio.move_on_after(UNSAID):
                    await self._answer_the_rest(protocol)
                return
            if not self._closing:
                await protocol.handle(RawData(data=data))

    async def _answer_the_rest(self, protocol: Protocol) -> None:
        while self._phase is Phase.ANSWER:
            with self._pause:
                await trio.sleep_forever()
            self._pause = trio.CancelScope()
            await protocol.handle(RawData(data=b""))

    async def _receive(self) -> bytes:
        if isinstance(self._stream, trio.SocketStream):
            return await read(self._stream, CHUNK)
        return bytes(await self._stream.receive_some(CHUNK))

    def _expect(self, phase: Phase) -> None:
        if phase is not self._phase and not self._closing:
            self._phase = phase
            self._reading.deadline = trio.current_time() + self._waits[phase]

    async def _protocol_send(self, event: Event) -> None:
        if isinstance(event, RawData):
            await self._write(event.data)
        elif isinstance(event, Closed):
            await self._close()
        elif isinstance(event, Updated) and event.idle:
            self._expect(Phase.IDLE)
            self._pause.cancel()

    async def _write(self, data: bytes) -> None:
        try:
            if isinstance(self._stream, trio.SocketStream):
                data = data[write_now(self._stream, data) :]
                if not data:
                    return
            with trio.CancelScope(shield=True) as scope:
                scope.deadline = trio.current_time() + self._load.bounds.write
                await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._reading.cancel()
            raise Gone from None
        if scope.cancelled_caught:
            self._load.counters.slow += 1
            self.abort()
            raise Gone

    async def _close(self) -> None:
        """Say that no more comes, and give the client a moment to hear it."""
        if self._closing:
            return
        self._closing = True
        whole, self._phase = self._phase is Phase.ANSWER, Phase.IDLE
        self._reading.deadline = trio.current_time() + LINGER
        if isinstance(self._stream, trio.SSLStream) and whole:
            self._reading.cancel()
        if isinstance(self._stream, trio.SocketStream):
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._stream.send_eof()

    async def _let_go(self) -> None:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + LINGER):
            if isinstance(self._stream, trio.SSLStream) and not self._aborted:
                with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                    await self._stream.aclose()
        await trio.aclose_forcefully(self._stream)
