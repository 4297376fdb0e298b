"""Jobs that are pushed, as an asynchronous iterator."""

import math
from collections.abc import Callable
from typing import Self

import anyio

from jobyard.connection import Connection
from jobyard.dialing import checked
from jobyard.job import Job
from jobyard.link import Link, Terms
from jobyard.pushes import Canceled, pushed
from jobyard.resp import Push
from jobyard.words import Call


class Subscription:
    """Iterate over it; `on_cancel` hears of jobs in hand that were canceled."""

    def __init__(self, terms: Terms, call: Call[None]) -> None:
        self.link = Link(terms, greet=self._subscribe, take=self._take)
        self.on_job: Callable[[Job, Link], None] = lambda _, __: None
        self.on_cancel: Callable[[Canceled], None] = lambda _: None
        self._call = call
        # The server pushes no more than the credit, so nothing can gather here without end.
        self._send, self._jobs = anyio.create_memory_object_stream[Job](math.inf)

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> Job:
        """The next job."""
        return await self._jobs.receive()

    async def _subscribe(self, connection: Connection) -> None:
        for answer in await connection.ask([self._call.words]):
            self._call.read(checked(answer))

    def _take(self, push: Push) -> None:
        match pushed(push):
            case Job() as job:
                self.on_job(job, self.link)
                self._send.send_nowait(job)
            case canceled:
                self.on_cancel(canceled)

    def close(self) -> None:
        """Take nothing more."""
        self._send.close()
        self._jobs.close()
