"""Running a worker's functions on the jobs there are, one after the other, and no worker."""

import math
from typing import Final

import anyio
from attrs import define, field

from jobyard import calls
from jobyard.attempts import LOG
from jobyard.current import CURRENT
from jobyard.errors import Refusal
from jobyard.hand import Hand, Running, RunningInThread, Say
from jobyard.job import Job
from jobyard.tasks import Stopped, Task, ended_by
from jobyard.verbs import BlockingVerbs, Verbs
from jobyard.virtual import Stuck
from jobyard.words import Call
from jobyard.worker import Worker

MOST: Final = 10_000
"""Jobs after which functions are taken to publish for ever."""


class RunningHere(RunningInThread):
    """A job as a function without `async` sees it, in the test's own thread."""

    def __init__(self, hand: Hand, client: BlockingVerbs, say: Say) -> None:
        super().__init__(hand, say)
        self._client = client

    def _do(self, call: Call[None]) -> None:
        self._client.call(call)


@define
class Drain:
    """One pass over the queues of a worker."""

    worker: Worker
    client: Verbs
    """For functions with `async`, and for what is said of jobs."""
    blocking: BlockingVerbs
    """The same engine, for the others."""
    raising: bool = False
    worked: list[Job] = field(factory=list[Job])
    """Every attempt, as the job was after it."""

    async def run(self) -> None:
        """Work until no job is ready that a function takes."""
        while (found := await self._next()) is not None:
            if len(self.worked) == MOST:
                raise Stuck(f"still not empty after {MOST} jobs")
            job, task = found
            await self._work(job, task)
            self.worked.append(await self.client.get(job))

    async def due(self) -> float | None:
        """When the next job that waits for its time is ready; None: there is none."""
        times: list[float] = []
        for queue, type_ in self.worker.tasks:
            after: int | None = None
            while True:
                page = await self.client.list(
                    queue, ["scheduled"], type=type_, after=after, limit=1_000
                )
                times += [job.ready_at for job in page.jobs]
                if (after := page.next) is None:
                    break
        return min(times, default=None)

    async def _next(self) -> tuple[Job, Task] | None:
        for queue in dict.fromkeys(queue for queue, _ in self.worker.tasks):
            types = [task.type for task in self.worker.tasks.values() if task.queue == queue]
            for job in await self.client.reserve(queue, types):
                return job, self.worker.tasks[queue, job.type]
        return None

    async def _work(self, job: Job, task: Task) -> None:
        await self.client.started(job)
        hand = Hand(job, 0.0)
        say = self.client.call
        running = Running(hand, say) if task.asynchronous else RunningHere(hand, self.blocking, say)
        before = CURRENT.set(running)
        try:
            result = task.function(running)
            if task.asynchronous:
                result = await result
        except Stopped:
            said = calls.release(job)
        except (Exception, SystemExit, anyio.get_cancelled_exc_class()) as error:
            if anyio.current_effective_deadline() == -math.inf:
                raise  # the test itself is cancelled
            found = ended_by(error)
            if self.raising:
                await self.client.release(job)
                raise found  # noqa: B904 - it is that error, or has it as its cause
            said = task.failed(job, found)
        else:
            said = calls.done(job, result)
        finally:
            CURRENT.reset(before)
        try:
            await self.client.call(said)
        except Refusal as error:  # canceled or lost meanwhile: a worker only notes it
            LOG.warning("job %s: %s", job.id, error)
