"""The asynchronous client over HTTP, under trio and under asyncio alike."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import NoReturn, Self, TypeVar

import anyio
import httpx

from jobyard.errors import ConnectionLost, NotOverHttp, Refusal, Unreachable
from jobyard.http import sending
from jobyard.http.asking import Request
from jobyard.http.driving import drive
from jobyard.http.events import Events, stream_of
from jobyard.http.hearing import Heard
from jobyard.http.paths import NO_PATH
from jobyard.http.reaching import Reaching
from jobyard.verbs import Verbs
from jobyard.words import Call

T = TypeVar("T")


class HttpClient(Reaching, Verbs):
    """`async with HttpClient(url) as client`: what `Client` offers, where only HTTP gets through.

    Jobs that are reserved over HTTP belong to no connection: they are held until their lease ends,
    so `touch` what takes long.
    """

    _http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        """Log in, trying once.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        self._http = httpx.AsyncClient(**self._options)
        try:
            await drive(self._talker.hello(), self._send)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            if isinstance(error, ConnectionLost):
                raise Unreachable(str(error)) from error
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close every connection."""
        with anyio.CancelScope(shield=True):
            await self._http.aclose()

    async def call(self, call: Call[T]) -> T:
        """Say one command and wait for its answer.

        Raises:
            Refusal: the server said no, in the class of its code's family.
            ConnectionLost: the connection went and it is unknown whether it was done.
            Unreachable: no connection came back in time.
            NotOverHttp: it cannot be said over HTTP.
        """
        return await drive(self._talker.talk(call), self._send)

    async def call_many(self, calls: Iterable[Call[T]]) -> list[T | Refusal]:
        """Say many commands, one after the other; answers and refusals in order."""
        told: list[T | Refusal] = []
        for call in calls:
            try:
                told.append(await self.call(call))
            except Refusal as refused:
                told.append(refused)
        return told

    @asynccontextmanager
    async def events(
        self,
        queues: Sequence[str] = (),
        types: Sequence[str] = (),
        whats: Sequence[str] = (),
        states: Sequence[str] = (),
        *,
        after: str | None = None,
    ) -> AsyncIterator[Events]:
        """Hear what happens in the group: `async with client.events() as e: async for one in e`.

        A connection that is lost is made again and goes on where it stopped. What was missed all
        the same is told by an event `gap`, and by `cut` that the server closed the stream.

        Args:
            queues: only of these; empty: all. The same of the other filters.
            types: of jobs.
            whats: what happened: `published`, `done`, `failed`, …
            states: of jobs, after it happened.
            after: go on behind the event with this id; None: from now on.

        Raises:
            Refusal: a filter is wrong, or we may not read.
        """
        request = stream_of(self.address.group, queue=queues, type=types, what=whats, state=states)
        events = Events(self._http, self.address, self._patience, request, after)
        try:
            await events.start()
            yield events
        finally:
            await events.aclose()

    def subscribe(self, queue: str, types: Sequence[str] = (), *, credit: int = 1) -> NoReturn:
        """Nothing is pushed over HTTP.

        Raises:
            NotOverHttp: always.
        """
        del queue, types, credit
        raise NotOverHttp(NO_PATH["SUBSCRIBE_PUSH"])

    async def _send(self, request: Request) -> Heard:
        try:
            return sending.heard(await self._http.request(**sending.arguments(request)))
        except httpx.TransportError as error:
            raise sending.broken(error, self.address) from error
