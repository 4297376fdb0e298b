"""One run: publish at a rate through every door, have it worked off, take stock."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from itertools import islice
from typing import Final

import anyio
from attrs import frozen

from jobyard.background import background
from jobyard.client import Client
from jobyard.errors import JobyardError, NotFound
from jobyard.examples import teach
from jobyard.job import Job, State
from jobyard.simulation.account import Account
from jobyard.simulation.doors import Door, Publish, Server, opened
from jobyard.simulation.samples import samples
from jobyard.worker import Worker

_LOOK: Final = 0.2
"""Seconds between two looks at whether all is done."""
_WATCH: Final = 0.5
"""And between two at the figures."""
_GRACE: Final = 2.0
"""Seconds that functions have which still run at the end."""
_PAGE: Final = 1_000
_UNENDED: Final[tuple[State, ...]] = ("scheduled", "ready", "reserved")


@frozen
class Plan:
    """How much, how fast, how long; all of it is bounded by whoever makes it."""

    doors: tuple[Door, ...]
    queue: str
    rate: float
    """Jobs a second, through all doors together."""
    jobs: int
    """To be published, at most."""
    seconds: float
    """Of publishing, at most."""
    seed: int
    workers: int
    """Functions that run at once; 0: somebody else works."""
    settle: float
    """Seconds that the workers have at most once the last job is published."""


class Simulation:
    """A run and its figures, which may be read while it goes on."""

    def __init__(self, plan: Plan, server: Server) -> None:
        self.account = Account(plan.doors)
        self.states: dict[State, int] = {}
        """Of the whole queue, as last seen."""
        self.phase = "connecting"
        self._plan = plan
        self._server = server
        self._enough = anyio.Event()
        self._hurry = anyio.Event()
        self._failed: JobyardError | None = None

    def stop(self) -> None:
        """Publish no more; said again, do not even wait for the workers."""
        (self._hurry if self._enough.is_set() else self._enough).set()

    async def run(self) -> None:
        """Publish, wait for the workers, take stock.

        Raises:
            JobyardError: a door cannot be opened, we may not work, or stock cannot be taken.
        """
        queue = self._plan.queue
        async with Client(self._server.lines) as client:
            begin = await _newest(client, queue)
            async with background() as behind:
                behind.start_soon(self._watch, client)
                await self._busy(client)
            if self._failed is not None:
                raise self._failed
            self.phase = "ended"
            async for jobs in _behind(client, queue, begin):
                self.account.take_stock(jobs)

    async def _busy(self, client: Client) -> None:
        """Publish while the worker works, until there is nothing left to do."""
        ended = anyio.Event()
        async with background() as behind:
            over = anyio.Event()
            behind.start_soon(self._work, ended, over)
            await self._publish()
            self.phase = "finishing"
            await self._settled(client)
            ended.set()
            await over.wait()

    async def _work(self, ended: anyio.Event, over: anyio.Event) -> None:
        plan = self._plan
        try:
            if plan.workers:
                lines = self._server.lines
                worker = Worker(lines, plan.queue, concurrency=plan.workers, grace=_GRACE)
                await teach(worker).run(ended)
        except JobyardError as error:
            self._failed = error
            self.stop()
            self.stop()
        finally:
            over.set()

    async def _publish(self) -> None:
        """Through every door at once, each at its part of the rate."""
        plan = self._plan
        async with AsyncExitStack() as stack:
            ways = [
                (door, await stack.enter_async_context(opened(door, self._server, plan.queue)))
                for door in plan.doors
            ]
            self.phase = "publishing"
            async with anyio.create_task_group() as tasks:
                for number, (door, publish) in enumerate(ways):
                    jobs = len(range(number, plan.jobs, len(ways)))
                    tasks.start_soon(self._through, door, publish, jobs)

    async def _through(self, door: Door, publish: Publish, jobs: int) -> None:
        plan, begin = self._plan, anyio.current_time()
        chosen = islice(samples(f"{plan.seed} {door}"), jobs)
        for number, sample in enumerate(chosen):
            due = number * len(plan.doors) / plan.rate
            with anyio.move_on_after(begin + due - anyio.current_time()):
                await self._enough.wait()
            late = anyio.current_time() - begin >= plan.seconds
            if self._enough.is_set() or due >= plan.seconds or late:
                return
            try:
                self.account.note(door, await publish(sample))
            except JobyardError:
                self.account.note_refused(door)

    async def _settled(self, client: Client) -> None:
        """Wait until the queue has nothing left to do, or nobody waits any longer."""
        plan = self._plan
        with anyio.move_on_after(plan.settle if plan.workers else 0.0):
            while not self._hurry.is_set():
                try:
                    counted = await client.counts(plan.queue)
                except NotFound:
                    return
                if not any(counted.states[state] for state in _UNENDED):
                    return
                with anyio.move_on_after(_LOOK):
                    await self._hurry.wait()

    async def _watch(self, client: Client) -> None:
        while True:
            with suppress(JobyardError):  # the next look may find it
                self.states = dict((await client.counts(self._plan.queue)).states)
            await anyio.sleep(_WATCH)


async def _newest(client: Client, queue: str) -> int | None:
    """The `seq` behind which there is no job; None: there is no queue."""
    try:
        newest = await client.execute("LIST", queue, "NEWEST_FIRST", "true", "LIMIT", 1)
    except NotFound:
        return None
    return int(newest["jobs"][0]["seq"]) if newest["jobs"] else None


async def _behind(client: Client, queue: str, after: int | None) -> AsyncIterator[Sequence[Job]]:
    """The jobs of a queue behind a `seq`, page after page."""
    while True:
        try:
            page = await client.list(queue, after=after, limit=_PAGE)
        except NotFound:
            return
        yield page.jobs
        if page.next is None:
            return
        after = page.next
