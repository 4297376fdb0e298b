"""TLS connections: a task reads and a task writes for each; the scheduler decides."""

import socket
from typing import Final

import trio

from frontends.certificate import Certificate
from frontends.guard import report
from frontends.listening import is_local, tune, written
from frontends.tcp.connection import Connection, Conversation, OpenSession
from frontends.tcp.scheduler import Scheduler

CHUNK: Final = 64 << 10
FAREWELL: Final = 1.0
"""Seconds a peer has to take the end of the conversation."""


class TlsConnection(Connection):
    """One encrypted client."""

    __slots__ = ("_polite", "_readable", "_scheduler", "_scope", "_stream", "_writable")

    def __init__(
        self,
        scheduler: Scheduler,
        stream: trio.SSLStream[trio.SocketStream],
        session: Conversation,
    ) -> None:
        super().__init__(session)
        self._scheduler = scheduler
        self._stream = stream
        self._scope = trio.CancelScope()
        self._readable = trio.Event()
        self._writable = trio.Event()
        self._polite = False

    async def converse(self) -> None:
        """Serve it until one side ends it."""
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    await self._read()
        finally:
            self._scheduler.drop(self)
            with trio.CancelScope(shield=True, deadline=trio.current_time() + FAREWELL):
                if self._polite:
                    await self._stream.aclose()
                else:
                    await trio.aclose_forcefully(self._stream)

    def send(self, data: bytes) -> int:
        """Have it written."""
        if self.unsent is None:
            self.unsent = bytearray(data)
            self._writable.set()
        else:
            self.unsent += data
        return len(data)

    def resume(self) -> None:
        """Let the reader look again."""
        self._readable.set()

    def close(self) -> None:
        """End both tasks; whoever took everything is told that this is the end."""
        self._polite = self.unsent is None
        self._scope.cancel()

    async def _read(self) -> None:
        scheduler = self._scheduler
        try:
            while received := await self._stream.receive_some(CHUNK):
                await self._until_readable()
                scheduler.received(self, bytes(received))
                scheduler.flush()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            scheduler.drop(self)
            return
        await self._until_readable()
        scheduler.end(self)
        scheduler.flush()

    async def _write(self) -> None:
        scheduler = self._scheduler
        try:
            while True:
                while unsent := self.unsent:
                    chunk = bytes(unsent[:CHUNK])
                    await self._stream.send_all(chunk)
                    del unsent[: len(chunk)]
                    scheduler.sent(self, len(chunk))
                    scheduler.flush()
                self._writable = trio.Event()
                await self._writable.wait()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            scheduler.drop(self)

    async def _until_readable(self) -> None:
        scheduler = self._scheduler
        while scheduler.load.blocked or not scheduler.may_read(self):
            if scheduler.load.blocked:
                scheduler.load.parked.add(self)
            self._readable = trio.Event()
            await self._readable.wait()


class TlsListener:
    """One listening socket whose clients speak TLS."""

    def __init__(
        self,
        listener: socket.socket,
        certificate: Certificate,
        scheduler: Scheduler,
        open_session: OpenSession,
        handshake: float,
    ) -> None:
        """Take over a socket that listens; `handshake`: seconds a client has for it."""
        self._listener = trio.SocketListener(trio.socket.from_stdlib_socket(listener))
        self._certificate = certificate
        self._scheduler = scheduler
        self._open_session = open_session
        self._handshake = handshake
        self._accepting = trio.CancelScope()
        self._shaking: set[trio.CancelScope] = set()

    async def run(self) -> None:
        """Serve until `stop_accepting` was called and every client is gone."""
        async with trio.open_nursery() as clients:
            with self._accepting:
                await trio.serve_listeners(self._admit, [self._listener], handler_nursery=clients)
            await self._listener.aclose()

    def stop_accepting(self) -> None:
        """Let nobody in any more, nor who is still shaking hands."""
        self._accepting.cancel()
        for scope in self._shaking:
            scope.cancel()

    async def _admit(self, client: trio.SocketStream) -> None:
        scheduler = self._scheduler
        if scheduler.full:
            scheduler.counters.refused += 1
            await trio.aclose_forcefully(client)
            return
        stream = trio.SSLStream(client, self._certificate.context, server_side=True)
        address = ""
        try:
            tune(client.socket)
            host, port = client.socket.getpeername()[:2]
            address = written(host, port)
            if not await self._shake_hands(stream):
                return
            session = self._open_session(address, local=is_local(host), encrypted=True)
            connection = TlsConnection(scheduler, stream, session)
            scheduler.add(connection)
            await connection.converse()
        except OSError:
            pass  # the peer is gone already
        except Exception as error:  # noqa: BLE001 - the guard: one connection's bug is its own end
            report(address, error)
        finally:
            await trio.aclose_forcefully(stream)

    async def _shake_hands(self, stream: trio.SSLStream[trio.SocketStream]) -> bool:
        load = self._scheduler.load
        load.handshakes += 1
        try:
            with trio.move_on_after(self._handshake) as scope:
                self._shaking.add(scope)
                await stream.do_handshake()
                return True
        except trio.BrokenResourceError:
            pass
        finally:
            self._shaking.discard(scope)
            load.handshakes -= 1
        self._scheduler.counters.handshakes_failed += 1
        return False
