"""The blocking client: plain sockets, for scripts and for web programs of threads."""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, TypeVar

from jobyard import calls
from jobyard.blocking_line import BlockingLine
from jobyard.dialing import Backoff, address_of, checked
from jobyard.errors import ConnectionLost, JobyardError, Refusal, refusal
from jobyard.job import Job
from jobyard.pushes import Canceled, pushed
from jobyard.resp import Failure, Push
from jobyard.url import Address
from jobyard.verbs import BlockingVerbs
from jobyard.words import Call

T = TypeVar("T")
_TOGETHER: Final = 128
"""Commands under way at once: fewer than a server answers one connection."""
_BYTES: Final = 32 * 1024
"""And what fits the sockets' buffers, so that neither side waits for the other to read."""


def _ignore(_: object) -> None:
    """Nobody asked for it."""


class BlockingClient(BlockingVerbs):
    """One connection, made when it is first needed and again when it was lost.

    Threads may share it: one call at a time, the others wait.
    """

    def __init__(
        self,
        server: Address | str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        patience: float = 30.0,
        backoff: Backoff | None = None,
    ) -> None:
        """Name the server; nothing is connected yet.

        Args:
            server: `jobyard://user:password@host:8962/group`.
            ssl_context: for `jobyards://`; None: the system's authorities.
            patience: seconds to go on trying to connect.
            backoff: the waits between those tries.

        Raises:
            BadArgument: it is no such URL.
        """
        self._lock = threading.Lock()
        self._line = BlockingLine(
            address_of(server), ssl_context, patience, backoff or Backoff(), on_push=_ignore
        )
        self._subscribed: socket.socket | None = None
        """Over which jobs are pushed now."""

    @property
    def address(self) -> Address:
        """Where the next connection goes, and as whom."""
        return self._line.address

    @address.setter
    def address(self, where: Address) -> None:
        self._line.address = where

    @property
    def on_push(self) -> Callable[[Push], None]:
        """Gets what the server pushes, while an answer is waited for."""
        return self._line.on_push

    @on_push.setter
    def on_push(self, take: Callable[[Push], None]) -> None:
        self._line.on_push = take

    def __enter__(self) -> Self:
        """Connect, trying once.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        with self._lock:
            self._line.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next call makes a new one."""
        with self._lock:
            self._line.drop()

    def call(self, call: Call[T]) -> T:
        """Say one command and block until its answer came."""
        with self._lock:
            while True:
                self._line.ensure()
                try:
                    [answer] = self._line.exchange([call.words], call.wait)
                except ConnectionLost:
                    if not call.repeatable:
                        raise
                else:
                    return call.read(checked(answer))

    def call_many(self, calls: Iterable[Call[T]]) -> list[T | Refusal]:
        """Say many commands without waiting in between; answers and refusals in order.

        Raises:
            ConnectionLost: the connection went; which of them were done is unknown.
        """
        told: list[T | Refusal] = []
        with self._lock:
            for some in _portions(calls):
                self._line.ensure()
                answers = self._line.exchange(
                    [call.words for call in some], sum(c.wait for c in some)
                )
                for call, answer in zip(some, answers, strict=True):
                    failed = isinstance(answer, Failure)
                    told.append(refusal(answer.text) if failed else call.read(answer))
        return told

    def subscribe(
        self,
        queue: str,
        types: Sequence[str] = (),
        *,
        credit: int = 1,
        on_cancel: Callable[[Canceled], None] = _ignore,
    ) -> Generator[Job, None, None]:
        """Jobs of a queue as they are pushed, without end; over the next connection, too.

        Each is to be ended by `done`, `fail` or `release` of this client. It belongs to one thread
        meanwhile: no other thread's call gets through while this one waits for a job. When the
        loop is left, no more are pushed, and what came and was not looked at goes back.

        Args:
            queue: whose.
            types: only those; none: all.
            credit: how many may be unfinished at once.
            on_cancel: hears of jobs in hand that were canceled.
        """
        jobs: deque[Job] = deque()

        def take(push: Push) -> None:
            match pushed(push):
                case Job() as job:
                    jobs.append(job)
                case canceled:
                    on_cancel(canceled)

        before, self.on_push = self.on_push, take
        said = calls.subscribe(queue, types, credit=credit)
        try:
            while True:
                with self._lock:
                    self._gather(said, jobs)
                yield jobs.popleft()
        finally:
            if self._subscribed is self._line.current is not None:
                with suppress(JobyardError):
                    self.call(calls.changing("UNSUBSCRIBE_PUSH", queue))
                    for job in jobs:
                        self.call(calls.release(job))
            self._subscribed = None
            self.on_push = before

    def _gather(self, said: Call[None], jobs: deque[Job]) -> None:
        """Have at least one job, over a connection that is subscribed."""
        waits = self._line.backoff.waits()
        while True:
            if self._subscribed is not self._line.current:
                jobs.clear()  # they went back with their connection
            elif jobs:
                return
            self._line.ensure()
            try:
                if self._subscribed is self._line.current:
                    self._line.listen()
                    continue
                [answer] = self._line.exchange([said.words], said.wait)
                said.read(checked(answer))
                self._subscribed = self._line.current
            except ConnectionLost:
                time.sleep(next(waits))


def _portions(calls: Iterable[Call[T]]) -> Iterator[list[Call[T]]]:
    some: list[Call[T]] = []
    size = 0
    for call in calls:
        more = sum(map(len, call.words)) + 16 * len(call.words)
        if some and (len(some) == _TOGETHER or size + more > _BYTES):
            yield some
            some, size = [], 0
        some.append(call)
        size += more
    if some:
        yield some
