"""Topics, in the words of an in-process job library: weights, statuses, a job in hand.

A topic is a queue and a weight its priority, so both words may be used on the same jobs.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from engine.commands import Done, Fail, Log, Release, Touch
from engine.replies import JobView
from jobyard.bounds import duration, readable
from jobyard.words import Body, body

if TYPE_CHECKING:
    from jobyard.library import Engine


class Status(StrEnum):
    """Where a job is."""

    READY = "Ready"
    DELAYED = "Delayed"
    RESERVED = "Reserved"
    DONE = "Done"
    CANCELED = "Canceled"
    """It was canceled, expired, or its attempts are used up."""


STATUS: Final[dict[str, Status]] = {
    "SCHEDULED": Status.DELAYED,
    "READY": Status.READY,
    "RESERVED": Status.RESERVED,
    "DONE": Status.DONE,
    "FAILED": Status.CANCELED,
    "CANCELED": Status.CANCELED,
    "EXPIRED": Status.CANCELED,
}
"""The status of each state, by the state's name."""


@frozen
class TopicStats:
    """Pushes are jobs that came in, pops are jobs handed out. Times are unix seconds."""

    pushes: int = 0
    first_push: float | None = None
    last_push: float | None = None
    pops: int = 0
    first_pop: float | None = None
    last_pop: float | None = None


@define(eq=False)
class HeldJob:
    """A job in hand. Its verbs count as long as the reservation lives.

    Each raises `ReservationLost` when the lease ended or the job was finished already.
    """

    _engine: "Engine"
    view: JobView
    """All that is known of the job as it was handed out."""

    @property
    def id(self) -> str:
        """The job's id."""
        return self.view.id

    @property
    def topic(self) -> str:
        """Where it was pushed."""
        return self.view.queue

    @property
    def name(self) -> str:
        """Its name, the `type` of other doors; may be empty."""
        return self.view.type

    @property
    def payload(self) -> bytes:
        """Exactly what was pushed."""
        return self.view.payload or b""

    async def done(self, result: Body | None = None) -> None:
        """Finish it."""
        output = None if result is None else body(result)[0]
        await self._engine.run(Done(self.id, self.view.reservation, output))

    async def retry(self, delay: float | None = None, error: str = "") -> None:
        """Have it tried again, after `delay` seconds or the backoff; canceled past the last one."""
        await self._engine.run(
            Fail(
                self.id,
                self.view.reservation,
                error=readable(error),
                delay=None if delay is None else duration(delay, "delay"),
            )
        )

    async def cancel(self, reason: str = "") -> None:
        """End it for good: nobody tries it again."""
        await self._engine.run(
            Fail(self.id, self.view.reservation, error=readable(reason), retry=False)
        )

    async def release(self, delay: float = 0.0) -> None:
        """Give it back untried: this attempt does not count."""
        await self._engine.run(Release(self.id, self.view.reservation, duration(delay, "delay")))

    async def touch(self) -> None:
        """Begin the lease anew."""
        await self._engine.run(Touch(self.id, self.view.reservation))

    async def log(self, line: str) -> None:
        """Add a line to the job's log."""
        await self._engine.run(Log(self.id, readable(line), self.view.reservation))


@define(eq=False)
class Tally:
    """What happened to one topic since the engine was opened, and what is known from before."""

    since: TopicStats = TopicStats()
    before: TopicStats | None = None
    """Of the jobs that were kept; None: nobody asked yet."""
    again: Counter[str] = field(factory=Counter[str])
    """Jobs from before, and how often each was handed out since."""

    def pushed(self, count: int, now: float) -> None:
        """Jobs came in."""
        was = self.since
        self.since = TopicStats(
            was.pushes + count, was.first_push or now, now, was.pops, was.first_pop, was.last_pop
        )

    def popped(self, jobs: Iterable[JobView], newest_before: int, now: float) -> None:
        """Jobs were handed out; those with a `seq` up to `newest_before` are from before."""
        views = tuple(jobs)
        self.again.update(job.id for job in views if job.seq <= newest_before)
        was = self.since
        self.since = TopicStats(
            was.pushes, was.first_push, was.last_push,
            was.pops + len(views), was.first_pop or now, now,
        )  # fmt: skip

    def look_back(self, kept: Iterable[JobView]) -> None:
        """Recount what the kept jobs from before tell."""
        pushes = pops = 0
        pushed: list[float] = []
        popped: list[float] = []
        for job in kept:
            pushes += 1
            pushed.append(job.created_at)
            more = job.more
            times = job.attempts + more.lapses + more.disconnects + more.releases
            earlier = times - self.again[job.id]
            if earlier > 0:
                pops += earlier
                popped += [since for _, since, _, _ in job.history][:earlier]
                if job.reservation is not None and not self.again[job.id]:
                    popped.append(job.updated_at)
        self.before = TopicStats(
            pushes, min(pushed, default=None), max(pushed, default=None),
            pops, min(popped, default=None), max(popped, default=None),
        )  # fmt: skip

    def sum(self) -> TopicStats:
        """Both together."""
        old, new = self.before or TopicStats(), self.since
        return TopicStats(
            old.pushes + new.pushes,
            old.first_push or new.first_push,
            new.last_push or old.last_push,
            old.pops + new.pops,
            old.first_pop or new.first_pop,
            new.last_pop or old.last_pop,
        )
