"""A connection that comes back: made again with jittered waits for as long as it is wanted."""

import ssl
from collections.abc import Callable
from typing import Literal, TypeVar

import anyio
from anyio.abc import ByteStream, SocketAttribute, TaskStatus
from attrs import field, frozen

from jobyard.connection import BROKEN, Connection, Greet, Late
from jobyard.dialing import CONNECT_WITHIN, Backoff, checked, final, greetings, keep_alive
from jobyard.errors import ConnectionLost, JobyardError, Refusal, Unreachable
from jobyard.resp import Push
from jobyard.url import Address
from jobyard.words import Call

T = TypeVar("T")
First = Literal["once", "until refused", "always"]
"""How long to try for the first connection; when it is over, `run` raises."""


@frozen
class Terms:
    """How to reach a server, and how long to go on trying."""

    address: Address
    ssl_context: ssl.SSLContext | None = None
    patience: float = 30.0
    """Seconds a call waits for a connection."""
    backoff: Backoff = field(factory=Backoff)


async def _nothing(_: Connection) -> None:
    """Say nothing more than the login."""


def _ignore(_: Push) -> None:
    """Nobody asked for it."""


class Link:
    """At most one connection at a time to one server, the next one after it was lost."""

    def __init__(
        self,
        terms: Terms,
        *,
        greet: Greet = _nothing,
        take: Callable[[Push], None] = _ignore,
        first: First = "once",
    ) -> None:
        """Describe it; `run` makes it.

        Args:
            terms: where to, and with what patience.
            greet: what is said after each login.
            take: gets what the server pushes; it must not fail.
            first: what becomes of a first connection that cannot be made.
        """
        self.terms = terms
        self._greet = greet
        self._take = take
        self._first = first
        self.connection: Connection | None = None
        """The one there is now, also before it was greeted."""
        self._connection: Connection | None = None
        self._error: JobyardError | None = None
        self._changed = anyio.Event()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Connect and stay connected; started once the first connection stands.

        Raises:
            JobyardError: the first connection could not be made.
        """
        ready = False
        waits = self.terms.backoff.waits()
        while True:
            try:
                stream = await self._dial()
            except Unreachable as error:
                self._set(None, error)
            else:
                if await self._live(stream, task_status, first=not ready):
                    ready = True
                    waits = self.terms.backoff.waits()
            error_now = self._error
            if not ready and error_now is not None and self._gives_up(error_now):
                raise error_now
            await anyio.sleep(next(waits))

    async def ask(self, call: Call[T], late: Late | None = None) -> T:
        """Say one command; again over the next connection if it may be.

        Args:
            call: what to say.
            late: gets the answer if the caller is cancelled meanwhile; always called then.

        Raises:
            Refusal: the server said no.
            ConnectionLost: it may or may not have been done.
            Unreachable: there was no connection in time.
        """
        while True:
            try:
                connection = await self.up()
            except anyio.get_cancelled_exc_class():
                if late is not None:
                    late(None)
                raise
            try:
                [answer] = await connection.ask([call.words], late)
            except ConnectionLost:
                if not call.repeatable:
                    raise
            else:
                return call.read(checked(answer))

    @property
    def standing(self) -> Connection | None:
        """The connection, if it is greeted and not lost."""
        there = self._connection
        return None if there is None or there.lost.is_set() else there

    async def up(self) -> Connection:
        """The connection, waiting for it as long as patience lasts.

        Raises:
            Refusal: logging in is refused.
            Unreachable: there was none in time.
        """
        if (standing := self.standing) is not None:
            return standing
        with anyio.move_on_after(self.terms.patience):
            while self._connection is None or self._connection.lost.is_set():
                if self._error is not None and final(self._error):
                    raise self._error
                await self._changed.wait()
            return self._connection
        raise self._error or Unreachable(f"{self.terms.address}: no connection in time")

    async def _dial(self) -> ByteStream:
        where = self.terms.address
        try:
            with anyio.fail_after(CONNECT_WITHIN):
                if where.tls:
                    stream: ByteStream = await anyio.connect_tcp(
                        where.host, where.port, tls=True, ssl_context=self.terms.ssl_context,
                        tls_standard_compatible=False,
                    )  # fmt: skip
                else:
                    stream = await anyio.connect_tcp(where.host, where.port)
            plain = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - there is no SQL here
            keep_alive(plain)
        except (*BROKEN, TimeoutError) as error:
            raise Unreachable(f"{where}: {_why(error)}") from error
        return stream

    async def _live(
        self, stream: ByteStream, task_status: TaskStatus[None], *, first: bool
    ) -> bool:
        """One connection from its login to its end; whether the login went well."""
        self.connection = connection = Connection(stream, self._take)
        stood = False
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.read)
                tasks.start_soon(connection.write)
                try:
                    with anyio.fail_after(CONNECT_WITHIN):
                        for answer in await connection.ask(greetings(self.terms.address)):
                            checked(answer)
                        await self._greet(connection)
                except Refusal as error:
                    self._set(None, error)
                except (ConnectionLost, TimeoutError) as error:
                    self._set(None, Unreachable(f"{self.terms.address}: {_why(error)}"))
                else:
                    stood = True
                    self._set(connection, None)
                    if first:
                        task_status.started()
                    await connection.lost.wait()
                tasks.cancel_scope.cancel()
        finally:
            self.connection = self._connection = None
            with anyio.CancelScope(shield=True):
                await anyio.aclose_forcefully(stream)
        return stood

    def _gives_up(self, error: JobyardError) -> bool:
        return self._first == "once" or (self._first == "until refused" and final(error))

    def _set(self, connection: Connection | None, error: JobyardError | None) -> None:
        self._connection = connection
        self._error = error
        self._changed.set()
        self._changed = anyio.Event()


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
