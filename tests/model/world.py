"""Time, departures and crashes: what happens to a queue without anybody asking for it."""

from math import inf
from typing import Any

from attrs import define

from engine.queue_state import QueueState, Storage
from engine.queue_state.crash import abandon
from engine.queue_state.crash import subscribed as subscribed_before
from engine.queue_state.requests import request_from
from engine.replies import Granted
from engine.store.tables import Table
from tests.model.addresses import FakePeer
from tests.model.alike import sound
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
            part = self.part()
            shown = self.shown()
            self.timed_out += [waiter.to for waiter in self.line.expired(self.now)]
            running = self.ticks.running()
            self.naive.fire(self.now, shown)
            self.ticks.fire(self.now, shown, running)
            late = frozenset(job.seq for job in self.naive.ready() if job.seq not in before)
            self.follow(part, late=late)
            self.finish(part, shown)

    def elapse(self, seconds: float) -> None:
        """Time passes and the actor wakes whenever it wanted to, and never later than it must."""
        self.close_batch()
        until = self.now + seconds
        while (wake := min(self.real.next_wake(), self.next_due())) <= until:
            self.now = max(self.now, wake)
            self.catch_up()
        self.now = until

    def oversleep(self, seconds: float) -> None:
        """Time passes and the actor wakes late: many things are due at once."""
        self.close_batch()
        self.now += seconds
        self.catch_up()

    def start_clocks(self) -> None:
        """Everything that waits for the disk is committed, and steps wait no more."""
        self.close_batch()
        self.commit(len(self.pending))
        self.lagging = False
        self.kept = None
        self.catch_up()

    def jump(self, seconds: float) -> None:
        """The wall clock is corrected: recurrences follow, no duration changes."""
        self.catch_up()
        self.ticks.shift += seconds
        self.real.follow_wall(self.ticks.shift, self.now)
        part = self.part()
        must(not part.letters, "a corrected clock is nobody's letter")
        self.finish(part, self.shown())
        self.catch_up()

    def spoke(self, peer: FakePeer) -> None:
        """A peer of one job at a time speaks: it may be served again."""
        self.catch_up()
        peer.owes = False
        self.real.nudge(peer, self.now)
        part = self.part()
        shown = self.shown()
        self.line.owing.discard(peer)
        self.naive.overdue(self.now, shown)
        self.follow(part)
        self.finish(part, shown)

    # -- departures ---------------------------------------------------------------------------

    def close(self, peer: FakePeer) -> None:
        """A connection goes. What it held comes back, at once or after its grace."""
        self.catch_up()
        peer.left = True
        self.real.gone(peer, self.now)
        part = self.part()
        shown = self.shown()
        self.line.waiters = [w for w in self.line.waiters if w.peer is not peer]
        for job in self.naive.held_by(peer):
            assert job.hold is not None
            if peer.grace <= 0:
                self.naive.disconnect(job, self.now, shown)
            else:
                job.hold.back_at = self.now + peer.grace
        self.naive.overdue(self.now, shown)
        self.follow(part)
        self.finish(part, shown)

    def give_up(self, address: Any) -> None:
        """A call is cancelled; what crossed it in a grant is given back, and nothing else.

        What a connection asked for stays with it: it knows what it holds when it goes.
        """
        self.catch_up()
        crossed = {
            view.reservation for to, reply in self.unheard()
            if to is address and isinstance(reply, Granted) for view in reply.jobs
        }  # fmt: skip
        self.real.gone(address, self.now)
        part, shown = self.part(), self.shown()
        self.line.waiters = [w for w in self.line.waiters if w.to is not address]
        for job in self.naive.jobs:
            if job.hold is not None and job.hold.id in crossed and not job.hold.bound:
                self.naive.release(job, self.now, shown)
        self.naive.overdue(self.now, shown)
        self.follow(part)
        self.finish(part, shown)

    def unheard(self) -> list[tuple[Any, Any]]:
        """Letters that are not delivered: their steps are not on disk."""
        letters = [pending.step.letters for pending in self.pending]
        return [letter for some in [*letters, self.real.letters] for letter in some]

    def waits(self, address: Any) -> bool:
        """It stands in line, or its answer waits for the disk."""
        unheard = any(to is address for to, _ in self.unheard())
        return unheard or self.line.to(address) is not None

    # -- crashes ------------------------------------------------------------------------------

    def loaded(self, storage: Storage | None = None) -> QueueState:
        """A new queue from what is on disk; without a storage in a new process."""
        real = QueueState("g", NAME, self.source, self.limits, storage or self._storage())
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
        real.loaded()
        return real

    def _storage(self) -> Storage:
        storage = Storage()
        for row in self.disk.get(Table.REQUESTS, {}).values():
            storage.requests.add(*request_from(row))
        return storage

    def crash(self) -> None:
        """The process dies: what is not on disk never was, every connection is gone."""
        if (kept := self.kept or self.batch) is not None:
            self.naive, self.line, self.ticks = kept
        self.pending.clear()
        self.lagging, self.kept, self.batch = False, None, None
        self.source.start(self.source.boot + 1)
        self.line.waiters.clear()
        self.line.owing.clear()
        self.real = self.loaded()
        self.answered = {
            key: said for key, said in self.answered.items() if self._on_disk(key)
        }  # fmt: skip
        for job in self.naive.jobs:
            self._survive(job)
        self.compare(self.shown())
        self.catch_up()

    def stumble(self) -> None:
        """The actor crashes: its batch is dropped, the rest is read again, connections live on."""
        self.catch_up()
        self.open_batch()
        old, subscribed = self.real, subscribed_before(self.real)
        for peer, mine in old.held.items():
            peer.holding -= len(mine)
        abandon(old)
        assert self.batch is not None
        self.naive, self.line, self.ticks = self.batch
        self.batch = None
        self.commit(len(self.pending))
        holders = {
            _key(job.hold.id): job.hold.peer
            for job in self.naive.jobs if job.hold is not None and job.hold.peer is not None
        }  # fmt: skip
        self.real = self.loaded(old.storage)
        self.real.rebind(holders, subscribed, self.now)
        self.answered = {
            key: said for key, said in self.answered.items() if self._on_disk(key)
        }  # fmt: skip
        self.line.waiters = [
            waiter for waiter in self.line.waiters if waiter.to is None and not waiter.peer.left
        ]
        self.line.owing = {waiter.peer for waiter in self.line.waiters if waiter.peer.owes}
        for waiter in self.line.waiters:
            waiter.place, waiter.first, waiter.born = None, 1, self.now
        for job in self.naive.jobs:
            holder = job.hold.peer if job.hold else None
            self._survive(job)
            if job.hold is not None and holder is not None:
                job.hold.peer = holder
                job.hold.back_at = self.now + holder.grace if holder.left else inf
        self.real.advance(self.now)
        part, shown = self.part(), self.shown()
        self.naive.fire(self.now, shown)
        self.follow(part)
        self.finish(part, shown)
        self.catch_up()

    def _on_disk(self, request: str) -> bool:
        keys = self.disk.get(Table.REQUESTS, {})
        return any(key.partition("\n")[2] == request for key in keys)

    def _survive(self, job: Job) -> None:
        """Every reservation gets one lease anew, and its connection the grace it had."""
        hold = job.hold
        if hold is None:
            return
        if hold.bound:
            hold.back_at = self.now + hold.grace
            hold.peer = None
        if hold.cancel_at < inf:
            hold.cancel_at = self.now
        hold.step, hold.lease = -1, hold.kept_lease
        hold.lease_until = self.now + hold.lease
        limit = job.policy.run_limit
        hold.run_until = inf if limit is None else hold.since + limit

    def compare_with_disk(self) -> None:
        """What a fresh queue makes of the rows is what this queue is."""
        self.start_clocks()
        sound(self.real)
        other, mine = self.loaded(), self.real
        shown = self.shown()
        self.real = other
        try:
            again = self.shown()
            must(other.recount() == (other.counts, other.types), "counters survive a restart")
            must(other.access == self.naive.access, "what the queue asks survives a restart")
            must(other.draining == self.naive.draining, "a queue drains on after a restart")
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


def _key(reservation: str) -> tuple[int, int]:
    boot, _, number = reservation.partition("-")
    return int(boot), int(number)


def _lasting(view: Any) -> tuple[Any, ...]:
    """What of a job outlives the process."""
    return (
        view.id, view.type, view.state, view.priority, view.policy, view.ready_at,
        view.created_at, view.updated_at, view.attempts, view.failures, view.started_at,
        view.finished_at, view.done_at, view.history, view.reservation, view.holder, view.started,
        view.more,
    )  # fmt: skip
