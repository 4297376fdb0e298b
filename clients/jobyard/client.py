"""The asynchronous client, under trio and under asyncio alike."""

import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Final, Self, TypeVar

from anyio.abc import TaskGroup

from jobyard import calls
from jobyard.background import background
from jobyard.dialing import Backoff, address_of
from jobyard.errors import NotFound, Refusal, ReservationLost, Unreachable, refusal
from jobyard.lanes import Lanes
from jobyard.link import Link, Terms
from jobyard.resp import Failure
from jobyard.subscription import Subscription
from jobyard.url import Address
from jobyard.verbs import Verbs
from jobyard.words import Call

T = TypeVar("T")
_TOGETHER: Final = 128
"""Commands under way at once in `call_many`: fewer than a server answers one connection."""


class Client(Verbs):
    """`async with Client(url) as client`: every call from every task, over few connections.

    Calls of many tasks share one connection and do not wait for each other; those that may take
    long (`wait`, `reserve`) have connections of their own, as server answers keep their order.
    """

    def __init__(
        self,
        server: Address | str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        patience: float = 30.0,
        backoff: Backoff | None = None,
    ) -> None:
        """Name the server; entering the context connects.

        Args:
            server: `jobyard://user:password@host:8962/group`.
            ssl_context: for `jobyards://`; None: the system's authorities.
            patience: seconds a call waits for a connection to come back.
            backoff: the waits between tries to connect.

        Raises:
            BadArgument: it is no such URL.
        """
        self.terms = Terms(address_of(server), ssl_context, patience, backoff or Backoff())
        self._behind: AbstractAsyncContextManager[TaskGroup]
        self._main: Link
        self._lanes: Lanes
        self._open = False

    async def __aenter__(self) -> Self:
        """Connect, trying once.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        self._behind = background()
        tasks = await self._behind.__aenter__()
        self._main = Link(self.terms)
        self._lanes = Lanes(self.terms, tasks)
        try:
            await tasks.start(self._main.run)
        except BaseException as error:
            await self._behind.__aexit__(type(error), error, error.__traceback__)
            raise
        self._open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> bool | None:
        """Close every connection; what is still held comes back after the server's grace."""
        self._open = False
        return await self._behind.__aexit__(kind, error, at)

    def _opened(self) -> None:
        if not self._open:
            raise Unreachable("the client is not open: `async with` opens it for its block")

    async def call(self, call: Call[T]) -> T:
        """Say one command and wait for its answer.

        Raises:
            Refusal: the server said no, in the class of its code's family.
            ConnectionLost: the connection went and it is unknown whether it was done.
            Unreachable: no connection came back in time, or this client is not open.
        """
        self._opened()
        if call.wait or call.takes:
            return await self._lanes.ask(call)
        try:
            answer = await self._lanes.holding(call.job, self._main).ask(call)
        except (ReservationLost, NotFound):
            self._lanes.let_go(call.job, call.reservation)
            raise
        if call.ends:
            self._lanes.let_go(call.job, call.reservation)
        return answer

    async def call_many(self, calls: Iterable[Call[T]]) -> list[T | Refusal]:
        """Say many commands without waiting in between; answers and refusals in order.

        Raises:
            ConnectionLost: the connection went; which of them were done is unknown.
        """
        self._opened()
        told: list[T | Refusal] = []
        todo = list(calls)
        for start in range(0, len(todo), _TOGETHER):
            some = todo[start : start + _TOGETHER]
            connection = await self._main.up()
            answers = await connection.ask([call.words for call in some])
            for call, answer in zip(some, answers, strict=True):
                failed = isinstance(answer, Failure)
                told.append(refusal(answer.text) if failed else call.read(answer))
        return told

    @asynccontextmanager
    async def subscribe(
        self, queue: str, types: Sequence[str] = (), *, credit: int = 1
    ) -> AsyncIterator[Subscription]:
        """Have jobs pushed: `async with client.subscribe("mail") as jobs: async for job in jobs`.

        It has a connection of its own, which also comes back by itself. End each job with
        `done`, `fail` or `release` of this client; at most `credit` are unfinished at once.
        """
        self._opened()
        subscription = Subscription(self.terms, calls.subscribe(queue, types, credit=credit))
        subscription.on_job = self._lanes.note
        try:
            async with background() as tasks:
                await tasks.start(subscription.link.run)
                yield subscription
        finally:
            self._lanes.forget(subscription.link)
            subscription.close()
