"""The line protocol's door: listeners, sessions, logins and their end."""

import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

import trio

from config.sections import Limits
from engine.access import Peer, Principal
from frontends.tcp.connection import Conversation
from frontends.tcp.door import Door
from frontends.tcp.mux import Mux
from frontends.tcp.scheduler import Scheduler
from frontends.tcp.statistics import Statistics
from frontends.tcp.tls import Certificate, TlsListener

Outcome = Principal | str
"""Of a login: who it is, or a refusal's code."""


class Login(Protocol):
    """Checks passwords; the codes of its refusals are the protocol's."""

    def remembered(self, name: str, password: bytes, address: str) -> Principal | None:
        """Give the principal at once, if this password was verified before."""

    async def check(self, name: str, password: bytes, address: str) -> Outcome:
        """Give the principal, or a refusal's code. May take long and blocks nobody."""


class MakeSession(Protocol):
    """Makes the session of a client that came."""

    def __call__(self, door: Door, address: str, *, local: bool, encrypted: bool) -> Conversation:
        """Give a session (a `Peer`) for `host:port`; `local`: that is on this machine."""


class LineServer:
    """Everything that listens for the line protocol, and the `Door` of its sessions."""

    def __init__(
        self,
        make_session: MakeSession,
        login: Login,
        groups: Sequence[str],
        limits: Limits,
        stop: Callable[[], None],
    ) -> None:
        """Prepare; nothing is served before `run`.

        Args:
            make_session: what it raises closes that client only.
            login: checks passwords.
            groups: every group there is, in configured order.
            limits: the bounds over all connections.
            stop: begins the server's stop, as SIGTERM does.
        """
        self._login = login
        self._groups = list(groups)
        self._stop = stop
        self._scheduler = Scheduler(limits, trio.current_time)
        self._open_session = partial(make_session, self)
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

    def replace_users(
        self, login: Login, groups: Sequence[str], gone: Callable[[Peer], bool]
    ) -> None:
        """Check passwords otherwise from now on, and close the sessions of users that are gone.

        Args:
            login: knows the new users.
            groups: every group there is now.
            gone: whether this session's user is no more, or has other rights than it has.
        """
        self._login = login
        self._groups = list(groups)
        for session, connection in list(self._scheduler.connections.items()):
            if gone(cast("Peer", session)):
                try:
                    connection.session.logout("its user was removed")
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
            handshakes_failed=counted.handshakes_failed,
            accept_failures=counted.accept_failures,
        )

    def dirty(self, session: object) -> None:
        """As `Door` says."""
        self._scheduler.dirty(session)

    def start_login(
        self, session: object, name: str, password: bytes, then: Callable[[Outcome], None]
    ) -> None:
        """As `Door` says; a password verified before is answered before this returns."""
        connection = self._scheduler.connections.get(session)
        if connection is None or self._tasks is None:
            return
        address = connection.session.address
        principal = self._login.remembered(name, password, address)
        if principal is not None:
            then(principal)
        else:
            self._tasks.start_soon(self._check, connection.session, name, password, then)

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
        password: bytes,
        then: Callable[[Outcome], None],
    ) -> None:
        """A login of one session; what held it back goes on afterwards."""
        scheduler = self._scheduler
        try:
            outcome = await self._login.check(name, password, session.address)
            if session in scheduler.connections:
                then(outcome)
                if not session.held:
                    scheduler.release(session)
        except Exception as error:  # noqa: BLE001 - the guard
            scheduler.fail(session, error)
        scheduler.flush()
