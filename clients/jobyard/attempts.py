"""One attempt at a job: its function from the first line to the last word about it."""

import logging
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from jobyard import calls
from jobyard.current import CURRENT
from jobyard.errors import InvalidValue, JobyardError
from jobyard.hand import Hand, Running, RunningInThread
from jobyard.link import Link
from jobyard.resp import Value
from jobyard.starts import Starts
from jobyard.tasks import Stopped, Task, ended_by
from jobyard.words import Body, Call, json

LOG: Final = logging.getLogger("jobyard.worker")
LOST: Final = "lost"
_UNKNOWN_DELAY: Final = 10.0
"""Seconds that a job of a type nobody asked for is put off."""


class Attempts:
    """Runs functions and says how they ended."""

    def __init__(
        self,
        tasks: Mapping[tuple[str, str], Task],
        link: Link,
        behind: TaskGroup,
        threads: int,
        over: Callable[[Hand], None],
    ) -> None:
        """Describe them.

        Args:
            tasks: by queue and type.
            link: over which the jobs came.
            behind: runs what is said again when a connection was lost.
            threads: functions without `async` that run at once.
            over: hears of each job that is not in hand any more.
        """
        self._tasks = tasks
        self._link = link
        self._behind = behind
        self._threads = anyio.CapacityLimiter(threads)
        self._over = over
        self._starts = Starts(self._started)
        behind.start_soon(self._starts.keep)

    async def work(self, hand: Hand) -> None:
        """Run its function; the last word is said, but its answer is not waited for."""
        said: Call[None] | None = None
        try:
            said = await self._outcome(hand)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends one attempt and no more
            LOG.warning("job %s: its failure could not be told: %r", hand.job.id, error)
            said = calls.fail(hand.job, "its failure could not be told", error_type="Delay")
        finally:
            hand.ended = True
            if said is None:
                self._over(hand)
            else:
                self._say_last(hand, said)

    def _say_last(self, hand: Hand, said: Call[None]) -> None:
        connection = self._link.standing
        if connection is None:
            self._behind.start_soon(self._report, hand, said)
        else:
            connection.post(said.words, partial(self._answered, hand, said))

    def _answered(self, hand: Hand, said: Call[None], answer: Value | None) -> None:
        if answer == "OK":
            self._over(hand)
        else:  # refused, or the connection is lost: what is told once counts once
            self._behind.start_soon(self._report, hand, said)

    async def _report(self, hand: Hand, said: Call[None]) -> None:
        """Say it until it is answered."""
        try:
            try:
                await self._link.ask(said)
            except InvalidValue as error:  # a result that is too large stays so
                failed = calls.fail(hand.job, str(error), error_type="Result", retry=False)
                await self._link.ask(failed)
        except JobyardError as error:
            LOG.warning("job %s: %s", hand.job.id, error)
        finally:
            self._over(hand)

    async def _outcome(self, hand: Hand) -> Call[None] | None:
        """What to say in the end; None: nothing, the job is not ours any more."""
        job = hand.job
        task = self._tasks.get((job.queue, job.type))
        if task is None:
            return calls.release(job, _UNKNOWN_DELAY)
        if hand.why:
            return _stopped(hand)
        self._starts.note(hand)
        try:
            return await self._run(task, hand)
        except anyio.get_cancelled_exc_class() as error:
            if not hand.stopping and anyio.current_effective_deadline() == -math.inf:
                raise  # the worker itself is cancelled
            return _failed(task, hand, error)  # asyncio: by what the function waited for

    async def _run(self, task: Task, hand: Hand) -> Call[None] | None:
        try:
            return calls.done(hand.job, _result(await self._call(task, hand)))
        except Stopped:
            return _stopped(hand)
        except (KeyboardInterrupt, GeneratorExit, anyio.get_cancelled_exc_class()):
            raise
        except BaseException as error:  # noqa: BLE001 - `sys.exit()` ends an attempt, no worker
            return _failed(task, hand, error)

    async def _call(self, task: Task, hand: Hand) -> Any:
        kind = Running if task.asynchronous else RunningInThread
        running = kind(hand, self._say)
        before = CURRENT.set(running)
        try:
            if task.asynchronous:
                return await task.function(running)
            in_thread = partial(task.function, running)
            return await to_thread.run_sync(in_thread, limiter=self._threads)
        finally:
            CURRENT.reset(before)

    async def _say(self, call: Call[None]) -> None:
        await self._link.ask(call)

    def _started(self, hand: Hand) -> None:
        if self._link.connection is not None:
            self._link.connection.post(calls.started(hand.job).words)


def _failed(task: Task, hand: Hand, error: BaseException) -> Call[None] | None:
    """What to say of a job whose function raised, unless it was to stop anyway."""
    if hand.why:
        return _stopped(hand)
    LOG.info("job %s failed", hand.job.id, exc_info=error)
    return task.failed(hand.job, ended_by(error))


def _stopped(hand: Hand) -> Call[None] | None:
    """What to say of a job whose function was stopped: given back, unless it is lost."""
    return None if hand.why == LOST else calls.release(hand.job)


def _result(value: Any) -> Body | None:
    """What a function returned, as a result: text and bytes as they are, the rest as JSON."""
    return value if value is None or isinstance(value, bytes | str) else json(value)
