"""What each command about a queue does to the naive one, and what must be answered.

An effect returns the answer it expects: a code of refusal, `ok`, or a value to compare. None means
that the answer comes later or is checked where it arrives.
"""

from math import inf
from typing import Any

from attrs import define, evolve

from engine import commands as c
from engine.queue_access import NO_ACCESS
from engine.replies import Adopted, RecurrenceSet
from tests.model.line import Line, Waiter
from tests.model.naive import Queue
from tests.model.naive_job import OVER, STATES, Hold, Job, Shown, must
from tests.model.ticks import Recurrence, Ticks

FORBIDDEN = "forbidden"
DRAINING = "draining"
NO_RECURRENCE = "unknown-recurrent-job"
Answer = str | tuple[Any, ...] | RecurrenceSet | Adopted | None


@define
class AskedOfQueue:
    """One command, told to the model."""

    queue: Queue
    line: Line
    ticks: Ticks
    who: Any
    to: Any
    now: float
    shown: Shown
    """The engine's jobs after the step."""
    reply: Any
    """What the engine answered: new numbers are taken from it."""

    # -- publishing ---------------------------------------------------------------------------

    def publish(self, command: c.Publish) -> Answer:
        return self._publish([command])

    def publish_many(self, command: c.PublishMany) -> Answer:
        return self._publish(list(command.jobs))

    def _publish(self, jobs: list[Any]) -> Answer:
        """Who is published and who is found; ids are taken from what is shown."""
        if self.queue.draining:
            return DRAINING
        answers: list[tuple[str, bool]] = []
        new = [seq for seq in sorted(self.shown) if seq > self.queue.last_seq]
        for one in jobs:
            options = one.options
            twins = self.queue.twins(options.unique_key, self.now)
            if twins:
                answers.append(("|".join(job.id for job in twins), True))
                continue
            must(new, "a published job is there")
            view = self.shown[new.pop(0)]
            ready_at = max(self.now + options.delay, options.ready_at or self.now)
            life = inf if options.time_to_live is None else options.time_to_live
            job = Job(
                view.seq, view.id, one.type, one.payload, options.priority, options.policy,
                ready_at, self.now, key=options.unique_key,
                expires_at=self.now + life,
                scope=options.unique_scope if options.unique_key else "",
            )  # fmt: skip
            self.queue.publish(job, self.now)
            answers.append((view.id, False))
        return ("published", *answers)

    # -- taking over --------------------------------------------------------------------------

    def adopt(self, command: c.Adopt) -> Answer:
        """Who is new comes as it was; its seq and its reservation are taken from what is shown."""
        if self.queue.draining:
            return DRAINING
        self.queue.exists = True
        seen = {view.id: view for view in self.shown.values()}
        added = 0
        for kept in command.jobs:
            if self.queue.find(kept.id) is None:
                self._adopt(kept, seen.get(kept.id))
                added += 1
        self.queue.trim(self.shown)
        return Adopted(added, len(command.jobs) - added)

    def _adopt(self, kept: c.AdoptedJob, view: Any) -> None:
        seq = self.queue.last_seq + 1 if view is None else view.seq
        must(seq > self.queue.last_seq, "seq rises with every job that comes in")
        self.queue.last_seq = seq
        assert kept.ready_at is not None
        job = Job(
            seq, kept.id, kept.type, kept.payload, kept.priority, kept.policy, kept.ready_at,
            kept.created_at, STATES[kept.state], key=kept.unique_key, attempts=kept.attempts,
            expires_at=inf if kept.expires_at is None else kept.expires_at,
            scope=kept.unique_scope if kept.unique_key else "", failed=bool(kept.failures),
        )  # fmt: skip
        if job.state in OVER:
            job.over_at = kept.updated_at
        elif job.state == "reserved" and kept.policy.on_lapse.value == "fail":
            job.attempts = max(0, job.attempts - 1)
            number = f"unseen-{len(self.queue.numbers)}" if view is None else view.reservation
            owner, lease = self.who.principal.name, kept.policy.lease
            job.state = "ready"
            self.queue.hold(job, Hold(number, owner, None, lease, self.now))
        elif job.state == "reserved":
            job.ready_at = min(job.ready_at, self.now)
            job.releases += bool(job.attempts)
            job.attempts -= bool(job.attempts)
        if job.hold is None and job.state not in OVER:
            job.state = "scheduled" if job.ready_at > self.now else "ready"
        job.grants = job.attempts + job.releases
        self.queue.jobs.append(job)

    def set_access(self, command: c.SetAccess) -> Answer:
        self.queue.exists = True
        said = {"readers": command.readers, "declared": command.declared}
        known: Any = {name: value for name, value in said.items() if value is not None}
        self.queue.access = evolve(self.queue.access, **known)
        return "ok"

    # -- waiting ------------------------------------------------------------------------------

    def subscribe(self, command: c.Subscribe) -> Answer:
        peer = self.who.peer
        if peer is None:
            return FORBIDDEN
        self.queue.exists = True
        self.line.owing.discard(peer)
        known = self.line.subscription(peer)
        if known is None:
            known = Waiter(
                self.who.principal.name, peer, None, command.types, born=self.now
            )  # fmt: skip
            self.line.waiters.append(known)
        if (known.kinds, known.credit) != (command.types, command.credit):
            known.place = known.first = None
        known.kinds, known.credit = command.types, command.credit
        return "ok"

    def unsubscribe(self, command: c.Unsubscribe) -> Answer:
        self.line.waiters = [
            w for w in self.line.waiters if w.to is not None or w.peer is not self.who.peer
        ]
        return "ok"

    def reserve(self, command: c.Reserve) -> Answer:
        self.queue.exists = True
        waiter = Waiter(
            self.who.principal.name, self.who.peer, self.to, command.types,
            limit=command.limit, lease=command.lease, deadline=self.now + command.wait,
        )  # fmt: skip
        self.line.waiters.append(waiter)
        return None

    # -- a queue ------------------------------------------------------------------------------

    def pause(self, command: c.Pause) -> Answer:
        self.queue.exists = self.queue.paused = True
        return "ok"

    def drain(self, command: c.Drain) -> Answer:
        self.queue.draining = True
        return "ok"

    def resume(self, command: c.Resume) -> Answer:
        self.queue.paused = self.queue.draining = False
        return "ok"

    def purge(self, command: c.Purge) -> Answer:
        for job in list(self.queue.jobs):
            self.remove(job)
        return "ok"

    def delete_queue(self, command: c.DeleteQueue) -> Answer:
        self.line.waiters = [w for w in self.line.waiters if w.to is not None]
        self.purge(c.Purge(command.queue))
        self.ticks.every.clear()
        self.queue.paused = self.queue.draining = False
        self.queue.access = NO_ACCESS
        self.queue.exists = bool(self.line.waiters)
        return "ok"

    def kick(self, command: c.Kick | c.KickAll) -> Answer:
        address = command.address if isinstance(command, c.Kick) else None
        found = [
            w for w in self.line.waiters
            if w.to is None and address in {None, w.peer.address}
        ]  # fmt: skip
        for waiter in found:
            self.line.waiters.remove(waiter)
            for job in self.queue.held_by(waiter.peer):
                self.queue.release(job, self.now, self.shown)
        return "ok" if found or address is None else "unknown-worker"

    def retry_now(self, command: c.RetryNow) -> Answer:
        for job in self.queue.jobs:
            if job.state == "scheduled" and job.failed:
                job.state, job.ready_at = "ready", self.now
        return "ok"

    # -- recurrences --------------------------------------------------------------------------

    def set_recurrence(self, command: c.SetRecurrence) -> Answer:
        if self.queue.draining and command.once_now:
            return DRAINING
        self.queue.exists = True
        every = int(command.cron.removeprefix("@every ").removesuffix("s"))
        known = len(self.ticks.every)
        new = Recurrence(
            0, command.type, command.payload or b"", every, self.now + self.ticks.shift,
            command.missed, command.overlap, not command.once_now,
        )  # fmt: skip
        one = self.ticks.declare(new, getattr(self.reply, "number", 0))
        if command.once_now and len(self.ticks.every) > known:
            self.ticks.make(one, 0.0, self.now, self.shown)
        return RecurrenceSet(one.number)

    def of_recurrence(self, command: Any) -> Answer:
        one = self.ticks.find(command.number)
        if one is None:
            return NO_RECURRENCE
        match command:
            case c.PauseRecurrence(paused=paused):
                if one.paused and not paused:
                    one.last = max(one.last, self.now + self.ticks.shift)
                one.paused = paused
            case c.RunRecurrence() if self.queue.draining:
                return DRAINING
            case c.RunRecurrence():
                made = self.ticks.make(one, 0.0, self.now, self.shown)
                return ("published", (made, False))
            case _:
                self.ticks.every.remove(one)
        return "ok"

    def remove(self, job: Job) -> None:
        if job.hold is not None and job.hold.peer is not None and job.hold.peer.single:
            self.line.owing.add(job.hold.peer)
        self.queue.jobs.remove(job)
