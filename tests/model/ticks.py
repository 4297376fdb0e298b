"""Recurrences, naively: `@every` only, each tick counted from the declaration."""

import math
from math import inf
from typing import Any

from attrs import define, evolve, field

from tests.model.naive import Queue
from tests.model.naive_job import OVER, Job, Shown, must

ON_TIME = 60.0


@define(eq=False)
class Recurrence:
    number: int
    kind: str
    payload: bytes
    every: int
    since: float
    """Wall time of its declaration."""
    missed: str
    overlap: str
    fires: bool
    paused: bool = False
    last: float = 0.0

    def newest(self, wall: float) -> float:
        """The newest tick up to then; the declaration itself is none."""
        passed = math.floor((wall - math.floor(self.since)) / self.every)
        return math.floor(self.since) + passed * self.every if passed > 0 else -inf

    def next(self) -> float:
        """The first tick after the last one."""
        after = max(self.last, self.since)
        steps = math.floor((after - math.floor(self.since)) / self.every) + 1
        return math.floor(self.since) + max(steps, 1) * self.every


@define
class Ticks:
    """All recurrences of the naive queue."""

    queue: Queue
    every: list[Recurrence] = field(factory=list[Recurrence])
    shift: float = 0.0
    """Corrected wall clock minus queue time."""
    last_number: int = 0
    made: set[tuple[int, float]] = field(factory=set[tuple[int, float]])
    """Ticks that got a job: none gets two."""

    def copy(self, queue: Queue) -> "Ticks":
        every = [evolve(one) for one in self.every]
        return evolve(self, queue=queue, every=every, made=set(self.made))

    def find(self, number: int) -> Recurrence | None:
        return next((one for one in self.every if one.number == number), None)

    def declare(self, new: Recurrence, number: int) -> Recurrence:
        """Declared again, a type keeps its number, and its beginning unless the text changed."""
        known = next((one for one in self.every if one.kind == new.kind), None)
        if known is None:
            must(number > self.last_number, "a recurrence's number is never given twice")
            self.last_number = new.number = number
            self.every.append(new)
            return new
        must(number == known.number, "the same type keeps its number")
        if known.every != new.every:
            known.every, known.since = new.every, new.since
        known.payload, known.missed, known.overlap = new.payload, new.missed, new.overlap
        return known

    def next_due(self) -> float:
        if self.queue.draining:
            return inf
        active = [one.next() for one in self.every if one.fires and not one.paused]
        return min(active, default=inf) - self.shift

    def running(self) -> set[int]:
        """Recurrences of which a job is not over."""
        return {job.tick[0] for job in self.queue.jobs if job.state not in OVER}

    def fire(self, now: float, shown: Shown, before: set[int]) -> None:
        """One job for the newest tick that is due, whatever was missed before it.

        Args:
            before: what was running when this breath began. What ended in it may count or not.
        """
        if self.queue.draining:
            return
        wall = now + self.shift
        for one in self.every:
            tick = one.newest(wall)
            if not one.fires or one.paused or tick <= max(one.last, one.since):
                continue
            one.last = tick
            late = one.missed == "skip" and wall - tick > ON_TIME
            if late:
                continue
            allowed = one.overlap == "allow" or one.number not in before
            if not allowed and one.number not in self.running():
                allowed = bool(self._shown(one, tick, shown))
            if allowed:
                self.make(one, tick, now, shown)

    def _shown(self, one: Recurrence, tick: float, shown: Shown) -> list[Any]:
        """The jobs of a tick that the naive queue does not know."""
        known = {job.seq for job in self.queue.jobs}
        return [
            view for seq, view in sorted(shown.items())
            if seq not in known and (view.more.recurrence, view.more.tick) == (one.number, tick)
        ]  # fmt: skip

    def make(self, one: Recurrence, tick: float, now: float, shown: Shown) -> str:
        """The job of a tick (0: asked for), as it is shown."""
        found = self._shown(one, tick, shown)
        must(len(found) == 1, f"one job for tick {tick} of {one.number}, not {len(found)}")
        must(not tick or (one.number, tick) not in self.made, "no tick fires twice")
        self.made.add((one.number, tick))
        view = found[0]
        job = Job(view.seq, view.id, one.kind, one.payload, 0, view.policy, now, now)
        job.tick = (one.number, tick)
        self.queue.jobs.append(job)
        self.queue.last_seq = max(self.queue.last_seq, view.seq)
        return job.id
