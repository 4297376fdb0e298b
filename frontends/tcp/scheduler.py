"""Whose turn it is: every connection's code is called from here, and only under its guard.

Rule 1: an exception out of one connection's code closes that connection and nothing else.
Rule 2: nothing here waits. A round costs the same per connection, however much one of them sent.
Rule 3: past `limits.in_flight` nothing is read; past `limits.output` the slowest reader goes.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from config.sections import Limits
from frontends.guard import report
from frontends.tcp.alarms import Alarms
from frontends.tcp.connection import Connection
from frontends.tcp.limits import UNSENT, Load
from frontends.tcp.statistics import Counters

log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


STRANGER: Final = 60.0
"""Seconds in which a client that has not logged in has to finish a command."""


class Scheduler:
    """Sessions of all listeners: their turns, their output and their alarms."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self.load = Load(limits)
        self.counters = Counters()
        self.alarms = Alarms()
        self.connections: dict[object, Connection] = {}
        """By session, oldest first."""
        self.now = now
        self._commands = limits.turn
        self._dirty: list[object] = []
        self._leftovers: deque[Connection] = deque()

    @property
    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return self.load.full(len(self.connections))

    @property
    def pending(self) -> bool:
        """Whether a round has something to do before any socket speaks."""
        return bool(self._dirty) or (bool(self._leftovers) and not self.load.blocked)

    def add(self, connection: Connection) -> None:
        """A client came."""
        self.counters.accepted += 1
        self.connections[connection.session] = connection
        self._look(connection, self.now())
        self._expect(connection)

    def may_read(self, connection: Connection) -> bool:
        """Whether more of it may come in; if not, `resume()` is called when it may."""
        if connection.more or connection.stuck or connection.ended:
            return False
        return connection.unsent is None or len(connection.unsent) < UNSENT

    def received(self, connection: Connection, received: bytes) -> None:
        """Feed what a socket gave and let the session run its first commands."""
        try:
            connection.session.receive(received)
        except Exception as error:  # noqa: BLE001 - the guard: a bug ends one connection only
            self.fail(connection.session, error)
        else:
            self._turn(connection)

    def end(self, connection: Connection) -> None:
        """The peer sends no more; silence is certain, and what it is owed still goes out."""
        session = connection.session
        connection.ended = True
        try:
            if session.deadline is not None and not session.held:
                session.silence(session.deadline)
        except Exception as error:  # noqa: BLE001 - the guard
            self.fail(session, error)
        else:
            self._turn(connection)

    def dirty(self, session: object) -> None:
        """Ask for the session's output in the next flush."""
        self._dirty.append(session)

    def run_leftovers(self, end: float) -> None:
        """One more turn for who had commands left over; `end` leaves some for the next round."""
        leftovers = self._leftovers
        for _ in range(len(leftovers)):
            if self.load.blocked:
                return
            connection = leftovers.popleft()
            connection.more = False
            if connection.session in self.connections:
                self._turn(connection)
                if self.may_read(connection):
                    connection.resume()
                if self.now() >= end:
                    return

    def flush(self) -> None:
        """Send what every dirty session has to say, one send each."""
        while self._dirty:
            dirty, self._dirty = self._dirty, []
            for session in dirty:
                connection = self.connections.get(session)
                if connection is not None:
                    self._deliver(connection)
        while self.load.excessive:
            self._close_slowest()

    def sent(self, connection: Connection, size: int) -> None:
        """The socket took the first `size` bytes of `unsent`, which are off it now."""
        if not connection.unsent:
            connection.unsent = None
            self._dirty.append(connection.session)
        self.load.taken(size)
        if self.may_read(connection):
            connection.resume()

    def fail(self, session: object, error: Exception) -> None:
        """The guard: say what broke and close the connection."""
        connection = self.connections.get(session)
        if connection is not None:
            self.counters.broken += 1
            report(connection.session.address, error)
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection and forget it; one that is gone already is left alone."""
        session = connection.session
        if self.connections.pop(session, None) is None:
            return
        self.alarms.disarm(connection)
        self.alarms.disarm(session)
        connection.close()
        self.load.forget(connection)
        try:
            session.closed()
        except Exception as error:  # noqa: BLE001 - the guard
            self.counters.broken += 1
            report(session.address, error)

    def drop_all(self) -> None:
        """Close every connection, whatever it is owed."""
        for connection in list(self.connections.values()):
            self.drop(connection)

    def _turn(self, connection: Connection) -> None:
        session = connection.session
        try:
            more = session.turn(self._commands)
            stuck = session.held
            in_flight = session.in_flight
            deadline = session.deadline
            if connection.ended and not (more or stuck):
                session.half_closed()
        except Exception as error:  # noqa: BLE001 - the guard
            self.fail(session, error)
            return
        if session not in self.connections:
            return
        connection.stuck = stuck
        if in_flight != connection.in_flight:
            self.load.weigh(connection, in_flight)
        if more and not stuck:
            self._again(connection)
        if deadline is not None:
            self._arm(connection, deadline)
        if connection.ended:
            self._dirty.append(session)

    def _deliver(self, connection: Connection) -> None:
        session = connection.session
        try:
            said = session.output()
            in_flight = session.in_flight
            held = connection.stuck and session.held
            closing = session.closing
            owed = connection.ended and session.waiting > 0
        except Exception as error:  # noqa: BLE001 - the guard, in the flush too
            self.fail(session, error)
            return
        if in_flight != connection.in_flight:
            self.load.weigh(connection, in_flight)
        if said:
            connection.answered = True
            try:
                self.load.unsent += connection.send(said)
            except OSError:
                self.drop(connection)
                return
            except Exception as error:  # noqa: BLE001 - the guard
                self.fail(session, error)
                return
        if connection.stuck and not held:
            connection.stuck = False
            self._again(connection)
        over = closing or (connection.ended and not (owed or held or connection.more))
        if over and connection.unsent is None:
            self.drop(connection)
        elif closing:
            connection.ended = True

    def _again(self, connection: Connection) -> None:
        if not connection.more:
            connection.more = True
            self._leftovers.append(connection)
            self.load.wake()

    def _arm(self, connection: Connection, deadline: float) -> None:
        sooner = deadline < self.alarms.next
        self.alarms.arm(connection, deadline, partial(self._look, connection))
        if sooner:
            self.load.wake()

    def _look(self, connection: Connection, now: float) -> None:
        """A deadline may have come; the session may have moved it meanwhile."""
        session = connection.session
        try:
            deadline = session.deadline
            if deadline is None or session.held:
                return
            if deadline > now:
                self._arm(connection, deadline)
                return
            session.silence(now)
        except Exception as error:  # noqa: BLE001 - the guard
            self.fail(session, error)
        else:
            self._turn(connection)

    def _expect(self, connection: Connection) -> None:
        connection.answered = False
        stranger = partial(self._doubt, connection)
        self.alarms.arm(connection.session, self.now() + STRANGER, stranger)

    def _doubt(self, connection: Connection, _now: float) -> None:
        """Half a command, or none at all, must not keep a place for ever."""
        session = connection.session
        if session.name:
            return
        if connection.answered or connection.stuck:
            self._expect(connection)
        else:
            self.counters.strangers += 1
            self.drop(connection)

    def _close_slowest(self) -> None:
        slowest = max(self.connections.values(), key=lambda one: len(one.unsent or b""))
        self.counters.slow += 1
        log.warning(
            "closed the slowest reader: limits.output is reached",
            address=slowest.session.address,
            unsent=len(slowest.unsent or b""),
        )
        self.drop(slowest)
