"""Who waits for jobs, naively: looked through from the start each time somebody is served."""

from math import inf
from typing import Any

from attrs import define, evolve, field

from tests.model.naive import Queue
from tests.model.naive_job import Hold, Job, must


@define(eq=False)
class Waiter:
    owner: str
    peer: Any
    to: Any
    """Where a reserve is answered; None for a subscription."""
    kinds: tuple[str, ...]
    limit: int = 1
    credit: int = 1
    lease: float | None = None
    deadline: float = inf
    born: float = inf
    """When it subscribed."""
    place: int | None = None
    """The last step in which it may have joined the line; None: not in line."""
    first: int | None = None
    """The first such step: whoever is busy for a while may keep his place."""

    def fits(self, job: Job) -> bool:
        return not self.kinds or job.kind in self.kinds


@define
class Line:
    """Parked reserves and subscriptions of one queue, and what each may be given."""

    queue: Queue
    waiters: list[Waiter] = field(factory=list[Waiter])
    owing: set[Any] = field(factory=set[Any])
    """Peers of one job at a time that had one taken from under them and did not speak since."""
    steps: int = 0

    def copy(self, queue: Queue) -> "Line":
        return Line(queue, [evolve(w) for w in self.waiters], set(self.owing), self.steps)

    def willing(self, waiter: Waiter) -> bool:
        if waiter.to is not None:
            return True
        held = len(self.queue.held_by(waiter.peer))
        if waiter.peer.single and (held or waiter.peer in self.owing):
            return False
        return held < waiter.credit

    def subscription(self, peer: object) -> Waiter | None:
        return next((w for w in self.waiters if w.to is None and w.peer is peer), None)

    def to(self, address: object) -> Waiter | None:
        """Who is served there: a parked reserve or a subscription."""
        return next(
            (w for w in self.waiters if (w.peer if w.to is None else w.to) is address), None
        )

    def leave(self, *addresses: object) -> None:
        self.waiters = [
            w for w in self.waiters if w.to not in addresses and (w.to or w.peer) not in addresses
        ]

    def serve(self, waiter: Waiter, job: Job, hold: Hold, now: float, late: frozenset[int]) -> None:
        """Hand a job to somebody, after checking that both were first.

        Args:
            late: seqs that became ready in this very step by time alone; who was ready before
                and who came then are in no order.
        """
        must(self.willing(waiter), "nobody gets more than his credit")
        must(waiter.fits(job), "nobody gets a type he did not ask for")
        self._must_be_minimum(waiter, job, now, late)
        self._must_be_longest(waiter, job)
        self.queue.grant(job, hold, now)
        waiter.place = waiter.first = None

    def _must_be_minimum(self, waiter: Waiter, job: Job, now: float, late: frozenset[int]) -> None:
        fit = [job for job in self.queue.ready_at(waiter.kinds, now) if job.seq not in late]
        before = [other for other in fit if other.place < job.place]
        just = self.queue.just_lapsed(waiter.peer)
        left = [other for other in before if other.seq not in just]
        must(not left, "the minimum of (priority, seq) is handed out")
        lapsed_at = self.queue.lapsed.get(waiter.peer, (0.0, just))[0]
        again = waiter.to is None and waiter.born < lapsed_at and just == {job.seq}
        must(
            not again or not [o for o in fit if o is not job],
            "while others wait, not the job it just let lapse",
        )

    def _must_be_longest(self, waiter: Waiter, job: Job) -> None:
        place = inf if waiter.first is None else waiter.first
        for other in self.waiters:
            if other is waiter or other.place is None or not other.fits(job):
                continue
            if self.willing(other) and job.seq not in self.queue.just_lapsed(other.peer):
                must(other.place >= place, "whoever waits longest is served first")

    def settle(self, now: float) -> None:
        """The step is over: nobody willing is left beside a job that fits him."""
        self.steps += 1
        for waiter in self.waiters:
            if not self.willing(waiter):
                waiter.place = None
            elif waiter.place is None:
                waiter.place = self.steps
                waiter.first = waiter.first or self.steps
            if not self.queue.paused and self.willing(waiter):
                must(
                    not self.queue.ready_at(waiter.kinds, now),
                    "a ready job with a willing worker moves",
                )

    def expired(self, now: float) -> list[Waiter]:
        """Parked reserves whose wait is over; they are in line no more."""
        over = [waiter for waiter in self.waiters if waiter.deadline <= now]
        self.waiters = [waiter for waiter in self.waiters if waiter not in over]
        return over

    def next_due(self) -> float:
        return min((waiter.deadline for waiter in self.waiters), default=inf)
