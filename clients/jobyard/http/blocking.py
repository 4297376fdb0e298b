"""The blocking client over HTTP, for scripts and for web programs of threads."""

import time
from collections.abc import Iterable
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar

import httpx

from jobyard.errors import ConnectionLost, Refusal, Unreachable
from jobyard.http import sending
from jobyard.http.asking import Request
from jobyard.http.hearing import Heard
from jobyard.http.reaching import Reaching
from jobyard.http.talking import Pause, Talk
from jobyard.verbs import BlockingVerbs
from jobyard.words import Call

T = TypeVar("T")


class BlockingHttpClient(Reaching, BlockingVerbs):
    """What `BlockingClient` offers, where only HTTP gets through; threads may share it.

    Jobs that are reserved over HTTP belong to no connection: they are held until their lease ends,
    so `touch` what takes long.
    """

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(**self._options)

    def __enter__(self) -> Self:
        """Log in, trying once.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        try:
            self._drive(self._talker.hello())
        except BaseException as error:
            self.close()
            if isinstance(error, ConnectionLost):
                raise Unreachable(str(error)) from error
            raise
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
        """Close every connection, for good."""
        self._http.close()

    def call(self, call: Call[T]) -> T:
        """Say one command and block until its answer came."""
        return self._drive(self._talker.talk(call))

    def call_many(self, calls: Iterable[Call[T]]) -> list[T | Refusal]:
        """Say many commands, one after the other; answers and refusals in order."""
        told: list[T | Refusal] = []
        for call in calls:
            try:
                told.append(self.call(call))
            except Refusal as refused:
                told.append(refused)
        return told

    def _drive(self, talk: Talk[T]) -> T:
        heard: Heard | None
        try:
            step = next(talk)
            while True:
                try:
                    if isinstance(step, Pause):
                        time.sleep(step.seconds)
                        heard = None
                    else:
                        heard = self._send(step)
                except (Unreachable, ConnectionLost) as error:
                    step = talk.throw(error)
                else:
                    step = talk.send(heard)
        except StopIteration as over:
            answer: T = over.value
            return answer

    def _send(self, request: Request) -> Heard:
        try:
            return sending.heard(self._http.request(**sending.arguments(request)))
        except httpx.TransportError as error:
            raise sending.broken(error, self.address) from error
