"""The line protocol's door: listeners, sessions, logins and their end."""

import socket
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Protocol, cast

import trio
from attrs import frozen

from config.sections import Limits
from engine.access import Peer, Principal
from frontends.certificate import Certificate
from frontends.lines.door import Door
from frontends.login import Login, Verdict
from frontends.tcp.connection import Conversation
from frontends.tcp.mux import Mux
from frontends.tcp.scheduler import Scheduler
from frontends.tcp.statistics import Statistics
from frontends.tcp.tls import TlsListener


class MakeSession(Protocol):
    """Makes the session of a client that came."""

    def __call__(self, door: Door, address: str, *, local: bool, encrypted: bool) -> Conversation:
        """Give a session (a `Peer`) for `host:port`; `local`: that is on this machine."""


@frozen
class Wiring:
    """What the composition root puts into a line server."""

    make_session: MakeSession
    """What it raises closes that client only."""
    login: Login
    groups: Sequence[str]
    """Every group there is, in configured order."""
    stop: Callable[[], None]
    """Begins the server's stop, as SIGTERM does."""
    now: Callable[[], float]
    """The clock of the sessions' deadlines; it runs as trio's does, from any beginning."""


class LineServer:
    """Everything that listens for the line protocol, and the `Door` of its sessions."""

    def __init__(self, wiring: Wiring, limits: Limits) -> None:
        """Prepare; nothing is served before `run`."""
        self._login = wiring.login
        self._groups = list(wiring.groups)
        self._stop = wiring.stop
        self._scheduler = Scheduler(limits, wiring.now)
        self._open_session = partial(wiring.make_session, self)
        self._mux = Mux(self._scheduler, self._open_session)
        self._encrypted: list[TlsListener] = []
        self._tasks: trio.Nursery | None = None
        self._over = trio.Event()

    async def run(
        self,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve what was handed to `listen` and `listen_tls` before, until `drain` is done."""
        async with trio.open_nursery() as tasks:
            self._tasks = tasks
            tasks.start_soon(self._mux.run)
            async with trio.open_nursery() as encrypted:
                for listener in self._encrypted:
                    encrypted.start_soon(listener.run)
                task_status.started()
                await self._over.wait()
            self._mux.close()
            tasks.cancel_scope.cancel()

    def listen(self, listener: socket.socket) -> None:
        """Take over a listening, non-blocking socket for plain connections."""
        self._mux.listen(listener)

    def listen_tls(
        self, listener: socket.socket, certificate: Certificate, handshake: float
    ) -> None:
        """Take over a listening socket for TLS; `handshake`: seconds a client has for it."""
        self._encrypted.append(
            TlsListener(listener, certificate, self._scheduler, self._open_session, handshake)
        )

    def flush(self) -> None:
        """Send what the sessions have to say. To be called after each commit; never waits."""
        self._scheduler.flush()

    def stop_accepting(self) -> None:
        """Close the listeners; who is in stays."""
        self._mux.stop_accepting()
        for listener in self._encrypted:
            listener.stop_accepting()

    def stop_reading(self) -> None:
        """Take no more commands; answers still go out."""
        self._scheduler.load.stop()

    async def drain(self, seconds: float) -> None:
        """Send what is answered, then close every connection; `run` ends after it.

        Args:
            seconds: how long readers may take; then they lose the rest.
        """
        load = self._scheduler.load
        self.stop_accepting()
        self.stop_reading()
        self._scheduler.flush()
        with trio.move_on_after(seconds):
            while load.unsent:
                drained = trio.Event()
                load.drained = drained.set
                await drained.wait()
        self._scheduler.drop_all()
        self._over.set()

    def replace_users(self, gone: Collection[str], groups: Sequence[str]) -> None:
        """Close the sessions of users that are no more; `login` itself knows the others.

        Args:
            gone: names of the users that are no more, or may do other things than before.
            groups: every group there is now, in configured order.
        """
        self._groups = list(groups)
        for session, connection in list(self._scheduler.connections.items()):
            if cast("Peer", session).name in gone:
                try:
                    connection.session.logout("session-closed")
                except Exception as error:  # noqa: BLE001 - the guard
                    self._scheduler.fail(session, error)
        self._scheduler.flush()

    def statistics(self) -> Statistics:
        """Figures of all listeners."""
        scheduler, counted = self._scheduler, self._scheduler.counters
        return Statistics(
            connections=len(scheduler.connections),
            unsent=scheduler.load.unsent,
            in_flight=scheduler.load.in_flight,
            accepted=counted.accepted,
            refused=counted.refused,
            broken=counted.broken,
            slow=counted.slow,
            strangers=counted.strangers,
            handshakes_failed=counted.handshakes_failed,
            accept_failures=counted.accept_failures,
        )

    def dirty(self, session: object) -> None:
        """As `Door` says."""
        self._scheduler.dirty(session)

    def start_login(
        self, session: object, name: str, password: bytes, then: Callable[[Principal | str], None]
    ) -> None:
        """As `Door` says; a password verified before is answered before this returns."""
        connection = self._scheduler.connections.get(session)
        if connection is None or self._tasks is None:
            return
        text = password.decode(errors="surrogateescape")
        if self._login.remembered(name, text, connection.session.address):
            then(self._known(name))
        else:
            self._tasks.start_soon(self._check, connection.session, name, text, then)

    def sessions(self) -> list[Peer]:
        """As `Door` says."""
        return [cast("Peer", session) for session in self._scheduler.connections]

    def groups(self) -> list[str]:
        """As `Door` says."""
        return list(self._groups)

    def stop_server(self) -> None:
        """As `Door` says."""
        self._stop()

    async def _check(
        self,
        session: Conversation,
        name: str,
        password: str,
        then: Callable[[Principal | str], None],
    ) -> None:
        """A login of one session; with its answer goes on what it held back."""
        scheduler = self._scheduler
        try:
            verdict = await self._login.check(name, password, session.address)
            if session in scheduler.connections:
                then(self._known(name) if verdict is Verdict.WELCOME else verdict.value)
        except Exception as error:  # noqa: BLE001 - the guard
            scheduler.fail(session, error)
        scheduler.flush()

    def _known(self, name: str) -> Principal | str:
        return self._login.principal(name) or Verdict.INVALID_CREDS.value
