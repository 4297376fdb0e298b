"""A job in a worker's hand, as its function sees it: the first argument of every task."""

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from anyio import from_thread

from jobyard import calls
from jobyard.job import Job
from jobyard.tasks import Stopped
from jobyard.words import Call

Say = Callable[[Call[None]], Coroutine[Any, Any, None]]


class Hand:
    """What the worker keeps of a job it holds."""

    def __init__(self, job: Job, now: float) -> None:
        self.job = job
        self.scope: anyio.CancelScope | None = None
        """Round its function, once that runs."""
        self.why = ""
        """Why its function has to stop; empty: it does not."""
        self.begun = False
        self.ended = False
        """Its function is through; only the last word is still to be said."""
        self.touch_at = now + job.lease / 3

    @property
    def stopping(self) -> bool:
        """Whether its function has to stop."""
        return bool(self.why)

    def stop(self, why: str) -> None:
        """Have its function stop, for the first reason given."""
        self.why = self.why or why
        if self.scope is not None and not self.ended:
            self.scope.cancel()


class _Shown:
    """What both faces of a running job show."""

    def __init__(self, hand: Hand, say: Say) -> None:
        self._hand = hand
        self._say = say

    @property
    def job(self) -> Job:
        """The job as it was handed out."""
        return self._hand.job

    @property
    def id(self) -> str:
        """Its id."""
        return self.job.id

    @property
    def payload(self) -> bytes:
        """Its payload."""
        return self.job.payload or b""

    @property
    def kept(self) -> bytes | None:
        """What the attempt before left with `checkpoint`."""
        return self.job.checkpoint

    def json(self) -> Any:
        """Its payload read as JSON.

        Raises:
            ValueError: it is none.
        """
        return self.job.json()


class Running(_Shown):
    """A job as an asynchronous task sees it; a cancellation reaches it at its next await."""

    async def progress(self, fraction: float, note: str = "") -> None:
        """Tell how far it is, 0 to 1."""
        await self._say(calls.progress(self.job, fraction, note))

    async def log(self, line: str) -> None:
        """Add a line to the job's log."""
        await self._say(calls.log(self.job, line))

    async def checkpoint(self, kept: bytes) -> None:
        """Keep bytes for the next attempt, should this one not end."""
        await self._say(calls.checkpoint(self.job, kept))


class RunningInThread(_Shown):
    """The same for a task in a thread; each method raises Stopped when the task is to stop."""

    def progress(self, fraction: float, note: str = "") -> None:
        """Tell how far it is, 0 to 1."""
        self._do(calls.progress(self.job, fraction, note))

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._do(calls.log(self.job, line))

    def checkpoint(self, kept: bytes) -> None:
        """Keep bytes for the next attempt, should this one not end."""
        self._do(calls.checkpoint(self.job, kept))

    def check(self) -> None:
        """Raise Stopped if the task is to stop; threads cannot be stopped from outside."""
        if self._hand.why:
            raise Stopped(self._hand.why)

    def _do(self, call: Call[None]) -> None:
        self.check()
        try:
            from_thread.run(self._say, call)
        except BaseException:
            self.check()  # what a loop raises in a cancelled thread differs; Stopped does not
            raise
        self.check()
