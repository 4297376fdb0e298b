"""The worker: functions for kinds of jobs, run as jobs are pushed, under trio or asyncio."""

import math
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, TypeVar

import anyio
from anyio.abc import TaskGroup

from jobyard import calls
from jobyard.attempts import LOG, LOST, Attempts
from jobyard.background import background
from jobyard.connection import Connection
from jobyard.dialing import Backoff, address_of, checked
from jobyard.errors import BadArgument, JobyardError, Refusal, refusal
from jobyard.hand import Hand
from jobyard.job import Job
from jobyard.leases import Leases
from jobyard.link import Link, Terms
from jobyard.pushes import Canceled, pushed
from jobyard.resp import Failure, Push
from jobyard.runners import Runners
from jobyard.tasks import Delay, Errors, Task
from jobyard.url import Address

F = TypeVar("F", bound=Callable[..., Any])
CANCELED: Final = "canceled"
STOPPING: Final = "stopping"
_LAST_WORDS: Final = 5.0
"""Seconds for what is still to be said at the end."""


class Worker:
    """`@worker.task("resize")` on functions of one argument, then `jobyard work module:worker`."""

    def __init__(
        self,
        server: Address | str,
        queue: str = "default",
        *,
        concurrency: int = 10,
        credit: int | None = None,
        grace: float = 20.0,
        ssl_context: ssl.SSLContext | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Describe it; `run` connects.

        Args:
            server: `jobyard://user:password@host:8962/group`.
            queue: of tasks that name none.
            concurrency: functions that run at once.
            credit: jobs of one queue in hand at once; None: as many as run.
            grace: seconds that functions may go on after SIGTERM.
            ssl_context: for `jobyards://`; None: the system's authorities.
            backoff: the waits between tries to connect.

        Raises:
            BadArgument: a URL or a number that cannot be.
        """
        if concurrency < 1 or not 1 <= (credit or concurrency) <= 1_000 or grace < 0:
            raise BadArgument("concurrency is 1 or more, credit 1 to 1,000, grace not negative")
        self.queue = queue
        self.concurrency = concurrency
        self.credit = credit or concurrency
        self.grace = grace
        self.tasks: dict[tuple[str, str], Task] = {}
        terms = Terms(address_of(server), ssl_context, math.inf, backoff or Backoff())
        self._link = Link(terms, greet=self._greet, take=self._take, first="until refused")
        self._hands: dict[str, Hand] = {}
        self._behind: TaskGroup
        self._attempts: Attempts
        self._runners: Runners
        self._stopping = False

    def task(
        self,
        type: str,  # noqa: A002 - the field's name
        *,
        queue: str | None = None,
        retry_on: Errors = (Exception,),
        give_up_on: Errors = (),
        delay: Delay = None,
    ) -> Callable[[F], F]:
        """Have a function work jobs of a type; what it returns is the job's result.

        Args:
            type: of the jobs.
            queue: where they are; None: the worker's.
            retry_on: exceptions after which another attempt may help.
            give_up_on: exceptions after which none does, though `retry_on` names them.
            delay: seconds before that attempt, or a function of job and exception that says
                them; None: the job's backoff.
        """

        def enter(function: F) -> F:
            key = (queue or self.queue, type)
            if key in self.tasks:
                raise BadArgument(f"two functions for jobs of type {type!r}")
            self.tasks[key] = Task(*key, function, retry_on, give_up_on, delay)
            return function

        return enter

    async def run(self, stop: anyio.Event | None = None) -> None:
        """Work until `stop` is set; then finish or release what is in hand.

        Raises:
            Refusal: the login is refused.
        """
        self._stopping = False
        self._empty = anyio.Event()
        self._leases = Leases(self._hands, self._touch)
        async with background() as behind:
            self._behind = behind
            self._attempts = Attempts(self.tasks, self._link, behind, self.concurrency, self._over)
            self._runners = Runners(self.concurrency, behind, self._attempts.work)
            behind.start_soon(self._leases.keep, behind)
            stop = stop or anyio.Event()
            with anyio.CancelScope() as connecting:
                behind.start_soon(_cancel_at, stop, connecting)
                await behind.start(self._link.run)
            if not connecting.cancelled_caught:
                await stop.wait()
                await self._end()

    def hurry(self) -> None:
        """End the grace: functions that still run are stopped, their jobs released."""
        for hand in list(self._hands.values()):
            self._stop(hand, STOPPING)

    async def _end(self) -> None:
        self._stopping = True
        connection = self._link.connection
        if connection is not None:
            for queue in {queue for queue, _ in self.tasks}:
                connection.post([b"UNSUBSCRIBE_PUSH", queue.encode()])
        for hand in list(self._hands.values()):
            if not hand.begun:
                self._stop(hand, STOPPING)
        with anyio.move_on_after(self.grace):
            await self._emptied()
        self.hurry()
        with anyio.move_on_after(_LAST_WORDS):
            await self._emptied()
        for hand in self._hands.values():  # threads that do not stop: others may have their jobs
            if self._link.connection is not None:
                self._link.connection.post(calls.release(hand.job).words)
        if self._link.connection is not None:
            await self._link.connection.flush(_LAST_WORDS)

    async def _emptied(self) -> None:
        while self._hands:
            self._empty = anyio.Event()
            await self._empty.wait()

    async def _greet(self, connection: Connection) -> None:
        """Keep what is in hand, then ask for more."""
        hands = list(self._hands.values())
        if hands:
            answers = await connection.ask([calls.touch(hand.job).words for hand in hands])
            for hand, answer in zip(hands, answers, strict=True):
                if isinstance(answer, Failure):
                    self._lost(hand, refusal(answer.text))
        if self._stopping:
            return
        asked = [
            calls.subscribe(
                queue,
                [task.type for task in self.tasks.values() if task.queue == queue],
                credit=self.credit,
            )
            for queue in dict.fromkeys(queue for queue, _ in self.tasks)
        ]
        if asked:
            for answer in await connection.ask([call.words for call in asked]):
                checked(answer)

    def _take(self, push: Push) -> None:
        match pushed(push):
            case Job() as job:
                hand = Hand(job, monotonic())
                self._hands[job.id] = hand
                self._leases.note(hand)
                self._runners.add(hand)
                if self._stopping:
                    self._stop(hand, STOPPING)
            case Canceled() as canceled:
                hand_of = self._hands.get(canceled.job)
                if hand_of is not None and hand_of.job.reservation == canceled.reservation:
                    self._stop(hand_of, CANCELED)

    def _stop(self, hand: Hand, why: str) -> None:
        """Have a function stop, or not even begin."""
        hand.stop(why)
        if self._runners.withdraw(hand):
            self._behind.start_soon(self._attempts.work, hand)

    def _over(self, hand: Hand) -> None:
        """It is not in hand any more."""
        if self._hands.get(hand.job.id) is hand:
            del self._hands[hand.job.id]
        if not self._hands:
            self._empty.set()

    def _lost(self, hand: Hand, error: Refusal) -> None:
        if not hand.ended and self._hands.get(hand.job.id) is hand:
            LOG.warning("job %s is lost: %s", hand.job.id, error)
            self._stop(hand, LOST)

    async def _touch(self, hand: Hand) -> None:
        try:
            await self._link.ask(calls.touch(hand.job))
        except Refusal as error:
            self._lost(hand, error)
        except JobyardError as error:
            LOG.warning("job %s: %s", hand.job.id, error)


async def _cancel_at(stop: anyio.Event, scope: anyio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()
