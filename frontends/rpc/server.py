"""The RPC door: its listeners, who is in, and how everybody is let go."""

import socket
from collections.abc import Collection, Sequence
from functools import partial

import trio
from attrs import frozen

from frontends.listening import is_local, tune, written
from frontends.rpc.connection import Connection
from frontends.rpc.place import Place
from frontends.rpc.wire import Wire


@frozen
class Statistics:
    """Figures of all listeners."""

    connections: int
    accepted: int
    """Since the start."""
    refused: int
    """Because there were too many."""


class RpcServer:
    """Everything that listens for RPC."""

    def __init__(self, place: Place) -> None:
        """Prepare; nothing is served before `run`."""
        self._place = place
        self._listeners: list[tuple[trio.SocketListener, bool]] = []
        self._connections: set[Connection] = set()
        self._dirty: list[Wire] = []
        self._accepting: list[trio.CancelScope] = []
        self._over = trio.Event()
        self._empty = trio.Event()
        self._accepted = self._refused = 0

    def listen(self, sockets: Sequence[socket.socket]) -> None:
        """Take over listening, non-blocking sockets."""
        for each in sockets:
            local = is_local(each.getsockname()[0])
            listener = trio.SocketListener(trio.socket.from_stdlib_socket(each))
            self._listeners.append((listener, local))

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve what was handed over before, until `drain` is done."""
        async with trio.open_nursery() as clients:
            async with trio.open_nursery() as accepting:
                for listener, local in self._listeners:
                    accepting.start_soon(partial(self._accept, listener, clients, local=local))
                task_status.started()
            await self._over.wait()
            clients.cancel_scope.cancel()

    def flush(self) -> None:
        """Write what was answered. To be called after each commit; never waits."""
        dirty, self._dirty = self._dirty, []
        for wire in dirty:
            wire.flush()

    def _note(self, wire: Wire) -> None:
        self._dirty.append(wire)

    def stop_accepting(self) -> None:
        """Close the listeners; who is in stays."""
        for scope in self._accepting:
            scope.cancel()

    def stop_reading(self) -> None:
        """Take no more calls; those that were begun are answered."""
        for connection in self._connections:
            connection.stop_reading()

    async def drain(self, seconds: float) -> None:
        """Let answers go out, then close every connection; `run` ends after it.

        Args:
            seconds: how long readers may take; then they lose the rest.
        """
        self.stop_accepting()
        self.stop_reading()
        self.flush()
        with trio.move_on_after(seconds):
            while self._connections:
                await self._empty.wait()
        self._over.set()

    def replace_users(self, gone: Collection[str], groups: Sequence[str]) -> None:
        """Close the connections of users that are no more, or may do other things than before."""
        del groups
        for connection in list(self._connections):
            if connection.name in gone:
                connection.abort()

    def statistics(self) -> Statistics:
        """Figures of all listeners."""
        return Statistics(len(self._connections), self._accepted, self._refused)

    async def _accept(
        self, listener: trio.SocketListener, clients: trio.Nursery, *, local: bool
    ) -> None:
        admit = partial(self._admit, local=local)
        with trio.CancelScope() as scope:
            self._accepting.append(scope)
            await trio.serve_listeners(admit, [listener], handler_nursery=clients)
        await listener.aclose()

    async def _admit(self, stream: trio.SocketStream, *, local: bool) -> None:
        if len(self._connections) >= self._place.settings.limits.connections:
            self._refused += 1
            await stream.aclose()
            return
        try:
            tune(stream.socket)
            address = written(*stream.socket.getpeername()[:2])
        except OSError:
            await stream.aclose()
            return
        self._accepted += 1
        connection = Connection(self._place, stream, address, local=local, dirty=self._note)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._empty.set()
            self._empty = trio.Event()
