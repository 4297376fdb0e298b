"""Time, departures and crashes: what happens to a queue without anybody asking for it."""

from math import inf
from typing import Any

from attrs import define

from engine.queue_state import QueueState
from engine.store.tables import Table
from tests.model.addresses import FakePeer
from tests.model.beside import NAME, Beside
from tests.model.naive_job import OVER, Job, must


@define
class World(Beside):
    """Both queues in a world where time passes, connections close and processes die."""

    # -- time ---------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """What the actor does before it takes commands: all that is due, slice by slice."""
        while self.real.next_wake() <= self.now or self.next_due() <= self.now:
            must(self.real.next_wake() <= self.now, "an alarm that is due is not missed")
            before = {job.seq for job in self.naive.ready()}
            self.real.advance(self.now)
            step = self.real.take_step()
            shown = self.shown()
            self.timed_out += [waiter.to for waiter in self.line.expired(self.now)]
            running = self.ticks.running()
            self.naive.fire(self.now, shown)
            self.ticks.fire(self.now, shown, running)
            late = frozenset(job.seq for job in self.naive.ready() if job.seq not in before)
            self.follow(step, late=late)
            self.finish(step, shown)

    def elapse(self, seconds: float) -> None:
        """Time passes and the actor wakes whenever it wanted to, and never later than it must."""
        until = self.now + seconds
        while (wake := min(self.real.next_wake(), self.next_due())) <= until:
            self.now = max(self.now, wake)
            self.catch_up()
        self.now = until

    def oversleep(self, seconds: float) -> None:
        """Time passes and the actor wakes late: many things are due at once."""
        self.now += seconds
        self.catch_up()

    def start_clocks(self) -> None:
        """Everything that waits for the disk is committed, and steps wait no more."""
        self.commit(len(self.pending))
        self.lagging = False
        self.kept = None
        self.catch_up()

    def jump(self, seconds: float) -> None:
        """The wall clock is corrected: recurrences follow, no duration changes."""
        self.catch_up()
        self.ticks.shift += seconds
        self.real.follow_wall(self.ticks.shift, self.now)
        step = self.real.take_step()
        must(not step.letters, "a corrected clock is nobody's letter")
        self.finish(step, self.shown())
        self.catch_up()

    def spoke(self, peer: FakePeer) -> None:
        """A peer of one job at a time speaks: it may be served again."""
        self.catch_up()
        peer.owes = False
        self.real.nudge(peer, self.now)
        step = self.real.take_step()
        shown = self.shown()
        self.line.owing.discard(peer)
        self.naive.overdue(self.now, shown)
        self.follow(step)
        self.finish(step, shown)

    # -- departures ---------------------------------------------------------------------------

    def close(self, peer: FakePeer) -> None:
        """A connection goes. What it held comes back, at once or after its grace."""
        self.catch_up()
        self.real.gone(peer, self.now)
        step = self.real.take_step()
        shown = self.shown()
        self.line.waiters = [w for w in self.line.waiters if w.peer is not peer]
        for job in self.naive.held_by(peer):
            assert job.hold is not None
            if peer.grace <= 0:
                self.naive.disconnect(job, self.now, shown)
            else:
                job.hold.back_at = self.now + peer.grace
        self.naive.overdue(self.now, shown)
        self.follow(step)
        self.finish(step, shown)

    def give_up(self, address: Any) -> None:
        """A call is cancelled; what crossed it in a grant is given back."""
        self.catch_up()
        self.real.gone(address, self.now)
        step = self.real.take_step()
        shown = self.shown()
        self.line.waiters = [w for w in self.line.waiters if w.to is not address]
        for job in self.naive.jobs:
            after = shown.get(job.seq)
            if job.hold is not None and after is not None and after.more.releases > job.releases:
                must(address in self.unheard, "only what nobody heard of is given back")
                self.naive.release(job, self.now, shown)
        self.naive.overdue(self.now, shown)
        self.follow(step)
        self.finish(step, shown)

    @property
    def unheard(self) -> set[Any]:
        """Addresses whose letters are not delivered."""
        return {to for pending in self.pending for to, _ in pending.step.letters}

    # -- crashes ------------------------------------------------------------------------------

    def loaded(self) -> QueueState:
        """A new queue from what is on disk."""
        real = QueueState("g", NAME, self.source, self.limits)
        real.wall_shift = self.ticks.shift
        for row in self.disk.get(Table.QUEUES, {}).values():
            real.load_queue(row)
        for row in self.disk.get(Table.RECURRENCES, {}).values():
            real.load_recurrence(row, self.now)
        heads = sorted(self.disk.get(Table.HEADS, {}).items())
        bodies = self.disk.get(Table.BODIES, {})
        must(sorted(bodies) == [seq for seq, _ in heads], "a head and a body a job")
        must(set(self.disk.get(Table.DETAILS, {})) <= set(bodies), "no details without their job")
        rows = [
            (*head, body[1], body[2], None if head[2] >= 3 else body[3], *body[4:])
            for seq, head in heads
            for body in [bodies[seq]]
        ]
        real.load_jobs(rows, self.now)
        return real

    def crash(self) -> None:
        """The process dies: what is not on disk never was, every connection is gone."""
        if self.kept is not None:
            self.naive, self.line, self.ticks = self.kept
        self.pending.clear()
        self.lagging, self.kept = False, None
        self.source.start(self.source.boot + 1)
        self.line.waiters.clear()
        self.line.owing.clear()
        self.real = self.loaded()
        for job in self.naive.jobs:
            self._survive(job)
        self.compare(self.shown())
        self.catch_up()

    def _survive(self, job: Job) -> None:
        """Every reservation gets one lease anew; a connection of before will not come back."""
        hold = job.hold
        if hold is None:
            return
        if hold.peer is not None:
            hold.back_at = self.now
            hold.peer = None
        if hold.cancel_at < inf:
            hold.cancel_at = self.now
        hold.step, hold.lease = 0, hold.kept_lease
        hold.lease_until = self.now + hold.lease
        limit = job.policy.run_limit
        hold.run_until = inf if limit is None else hold.since + limit

    def compare_with_disk(self) -> None:
        """What a fresh queue makes of the rows is what this queue is."""
        self.start_clocks()
        other, mine = self.loaded(), self.real
        shown = self.shown()
        self.real = other
        try:
            again = self.shown()
            must(other.recount() == (other.counts, other.types), "counters survive a restart")
        finally:
            self.real = mine
        must(list(again) == list(shown), "the same jobs in the same order after a restart")
        for seq, view in shown.items():
            live, loaded = _lasting(view), _lasting(again[seq])
            must(live == loaded, f"the same job after a restart:\n  {live}\n  {loaded}")
        for job in self.naive.jobs:
            body = self.disk[Table.BODIES][job.seq]
            must(body[3] == job.payload, "the payload on disk is what was published")
            must(job.state not in OVER or body[3] is not None, "payloads of what is over stay")


def _lasting(view: Any) -> tuple[Any, ...]:
    """What of a job outlives the process."""
    return (
        view.id, view.type, view.state, view.priority, view.policy, view.ready_at,
        view.created_at, view.updated_at, view.attempts, view.failures, view.started_at,
        view.finished_at, view.done_at, view.history, view.reservation, view.holder, view.started,
        view.more,
    )  # fmt: skip
