"""One connection of the blocking client: made, spoken over, listened to, dropped."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define, field

from jobyard.dialing import CONNECT_WITHIN, Backoff, checked, final, greetings, keep_alive
from jobyard.errors import ConnectionLost, Refusal, Unreachable
from jobyard.resp import Push, Reader, Value, request
from jobyard.url import Address

_SLACK: Final = 30.0
"""Seconds that an answer may take beyond what was asked for."""
_LONGEST: Final = 1e8
"""And at most: a socket knows no longer time."""


@define(eq=False)
class BlockingLine:
    """At most one connection at a time; who calls takes turns."""

    address: Address
    ssl_context: ssl.SSLContext | None
    patience: float
    backoff: Backoff
    on_push: Callable[[Push], None]
    current: socket.socket | None = None
    """The connection; None: there is none."""
    _reader: Reader = field(factory=Reader)
    _read: Iterator[Value] = field(factory=lambda: iter(()))

    def ensure(self) -> None:
        """Connect, trying for a while, unless there is a connection.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        if self.current is not None:
            return
        until = time.monotonic() + self.patience
        for wait in self.backoff.waits():
            try:
                self.connect()
            except (Unreachable, Refusal) as error:
                if final(error) or time.monotonic() + wait > until:
                    raise
                time.sleep(wait)
            else:
                return

    def connect(self) -> None:
        """Connect anew, trying once."""
        self.drop()
        where = self.address
        try:
            plain = socket.create_connection((where.host, where.port), CONNECT_WITHIN)
            keep_alive(plain)
            if where.tls:
                context = self.ssl_context or ssl.create_default_context()
                plain = context.wrap_socket(plain, server_hostname=where.host)
        except OSError as error:
            raise Unreachable(f"{where}: {error}") from error
        self.current, self._reader, self._read = plain, Reader(), iter(())
        try:
            for answer in self.exchange(greetings(where), 0.0):
                checked(answer)
        except ConnectionLost as error:
            raise Unreachable(f"{where}: {error}") from error
        except Refusal:
            self.drop()
            raise

    def exchange(self, commands: list[tuple[bytes, ...]], wait: float) -> list[Value]:
        """Say commands at once and wait for their answers, in order.

        Raises:
            ConnectionLost: the connection went; which of them were done is unknown.
        """
        plain = self.current
        assert plain is not None
        whole = False
        try:
            plain.settimeout(min(wait, _LONGEST) + _SLACK)
            plain.sendall(b"".join(map(request, commands)))
            answers = [self._answer(plain) for _ in commands]
            whole = True
        except OSError as error:
            raise ConnectionLost(f"{self.address}: {error}") from error
        finally:
            if not whole:  # also when interrupted: an answer still to come is nobody's
                self.drop()
        return answers

    def _answer(self, plain: socket.socket) -> Value:
        while isinstance(value := self._next(plain), Push):
            self.on_push(value)
        return value

    def _next(self, plain: socket.socket) -> Value:
        while True:
            for value in self._read:
                return value
            chunk = plain.recv(65_536)
            if not chunk:
                raise ConnectionLost(f"{self.address}: the server closed the connection")
            self._read = iter(self._reader.feed(chunk))

    def drop(self) -> None:
        """Close the connection."""
        if self.current is not None:
            self.current.close()
            self.current = None

    def listen(self) -> None:
        """Wait for what the server says unasked.

        Raises:
            ConnectionLost: the connection went, or it said something else.
        """
        plain = self.current
        assert plain is not None
        whole = False
        try:
            plain.settimeout(None)
            said = self._next(plain)
            if not isinstance(said, Push):
                raise ConnectionLost(f"{self.address}: the server answers what nobody asked")
            self.on_push(said)
            whole = True
        except OSError as error:
            raise ConnectionLost(f"{self.address}: {error}") from error
        finally:
            if not whole:
                self.drop()
