"""What each command about a job does to the naive queue; and the table of all effects."""

from collections.abc import Callable
from math import inf
from typing import Any, Final

from attrs import define

from engine import commands as c
from engine.access import Right
from tests.model.asked_of_queue import FORBIDDEN, Answer, AskedOfQueue
from tests.model.naive import CANCEL_GRACE
from tests.model.naive_job import OVER, WAITING, Hold, Job, must

LOST, UNKNOWN, WRONG = "reservation-lost", "unknown-job", "wrong-state"


@define
class Asked(AskedOfQueue):
    """One command, told to the model."""

    def expect(self, command: Any) -> Answer:
        if not self.queue.exists and not isinstance(command, MAKERS):
            return "unknown-queue"
        if type(command) in OF_QUEUE:
            return OF_QUEUE[type(command)](self, command)
        job = self.queue.find(command.job)
        if job is None:
            return UNKNOWN
        return OF_JOB.get(type(command), Asked.by_holder)(self, command, job)

    # -- a job that somebody holds ------------------------------------------------------------

    def by_holder(self, command: Any, job: Job) -> Answer:
        if not self._holds(job, command.reservation):
            return LOST
        hold = job.hold
        assert hold is not None
        if hold.bound:
            hold.peer, hold.back_at = self.who.peer, inf
        if not isinstance(command, c.Touch):
            hold.written = True
        match command:
            case c.Done():
                job.streak = 0
                self.queue.done(job, self.now, self.shown)
            case c.Fail(retry=retry, delay=delay, to_tail=to_tail):
                if to_tail and hold.cancel_at == inf:
                    self._to_tail(job)
                self.queue.failure(job, self.now, self.shown, retry=retry, delay=delay)
            case c.Release():
                self.queue.release(job, self.now, self.shown, command.delay)
            case c.Touch() | c.Started() | c.Progress() | c.Checkpoint():
                hold.renew(self.now, getattr(command, "lease", None))
            case _:
                pass
        return "ok"

    def _to_tail(self, job: Job) -> None:
        """The one exception to "keeps its place": a new seq, behind all others."""
        seqs = [seq for seq, view in self.shown.items() if view.id == job.id]
        if seqs == [job.seq] and self.shown[job.seq].payload is None:
            return  # known: what is on disk only keeps its place
        must(seqs == [] or seqs[0] > self.queue.last_seq, "a new seq is the last one")
        job.seq = self.queue.last_seq = seqs[0] if seqs else self.queue.last_seq + 1

    def _holds(self, job: Job, reservation: str | None) -> bool:
        """The live reservation, of this principal, over its connection (or after that one went)."""
        hold, who = job.hold, self.who
        if hold is None or hold.owner != who.principal.name:
            return False
        if reservation is None:
            return hold.peer is who.peer and (hold.peer is not None or not hold.bound)
        came_back = hold.back_at < inf and who.peer is not None
        same = who.peer is not None and hold.peer is who.peer
        mine = not hold.bound or same or came_back
        return reservation == hold.id and mine

    def report(self, command: c.Report, job: Job) -> Answer:
        hold, who = job.hold, self.who
        if hold is None:
            if not who.rights & Right.MANAGE:
                return FORBIDDEN
            states = {"in-progress": "reserved", "errored": "failed"}
            self._force(job, states.get(command.state, command.state))
            return "ok"
        users = hold.peer is None and not hold.bound and hold.owner == who.principal.name
        if not users and not self._holds(job, None):
            return LOST
        if command.state == "in-progress":
            hold.written = True
            hold.renew(self.now, None)
        elif command.state == "done":
            job.streak = 0
            self.queue.done(job, self.now, self.shown)
        else:
            self.queue.failure(job, self.now, self.shown)
        return "ok"

    # -- any job ------------------------------------------------------------------------------

    def cancel(self, command: c.Cancel, job: Job) -> Answer:
        if job.state in OVER:
            return WRONG
        hold = job.hold
        if hold is None or hold.peer is None or not hold.peer.told:
            if hold is not None and hold.peer is not None and hold.peer.single:
                self.line.owing.add(hold.peer)
            self.queue.end(job, "canceled", self.now)
        elif hold.cancel_at == inf:
            hold.cancel_at = self.now + CANCEL_GRACE
            hold.written = True
        return "ok"

    def reset(self, command: c.Reset, job: Job) -> Answer:
        if job.state not in OVER:
            return WRONG
        self.queue.reset(job, self.now)
        return "ok"

    def delete(self, command: c.Delete, job: Job) -> Answer:
        self.remove(job)
        return "ok"

    def get(self, command: c.Get, job: Job) -> Answer:
        return ("job", job.id)

    def override(self, command: c.Override, job: Job) -> Answer:
        if job.hold is not None:
            return LOST
        self._force(job, command.state)
        return "ok"

    def edit(self, command: c.Edit, job: Job) -> Answer:
        if job.state not in WAITING:
            return WRONG
        job.priority = job.priority if command.priority is None else command.priority
        job.payload = job.payload if command.payload is None else command.payload
        if command.delay or (command.delay is not None and job.state == "scheduled"):
            job.ready_at = self.now + command.delay
            job.state = "scheduled" if command.delay else "ready"
        return "ok"

    def _force(self, job: Job, state: str) -> None:
        if job.state in OVER:
            self.queue.reset(job, self.now)
        elif job.state == "scheduled":
            job.state, job.ready_at = "ready", self.now
        if state == "ready":
            return
        view, who = self.shown.get(job.seq), self.who
        seen = view.reservation if view is not None and state == "reserved" else None
        hold = Hold(
            seen or f"unseen-{len(self.queue.numbers)}", who.principal.name, who.peer,
            job.policy.lease, self.now,
        )  # fmt: skip
        self.queue.hold(job, hold)
        if state == "done":
            job.streak = 0
            self.queue.done(job, self.now, self.shown)
        elif state == "failed":
            self.queue.failure(job, self.now, self.shown)


OF_QUEUE: Final[dict[type, Callable[[Asked, Any], Answer]]] = {
    c.Publish: Asked.publish,
    c.PublishMany: Asked.publish_many,
    c.Adopt: Asked.adopt,
    c.SetAccess: Asked.set_access,
    c.Subscribe: Asked.subscribe,
    c.Unsubscribe: Asked.unsubscribe,
    c.Reserve: Asked.reserve,
    c.Pause: Asked.pause,
    c.Drain: Asked.drain,
    c.Resume: Asked.resume,
    c.Purge: Asked.purge,
    c.DeleteQueue: Asked.delete_queue,
    c.Kick: Asked.kick,
    c.KickAll: Asked.kick,
    c.RetryNow: Asked.retry_now,
    c.SetRecurrence: Asked.set_recurrence,
    c.PauseRecurrence: Asked.of_recurrence,
    c.RunRecurrence: Asked.of_recurrence,
    c.DropRecurrence: Asked.of_recurrence,
}
OF_JOB: Final[dict[type, Callable[[Asked, Any, Job], Answer]]] = {
    c.Cancel: Asked.cancel,
    c.Reset: Asked.reset,
    c.Delete: Asked.delete,
    c.Get: Asked.get,
    c.Override: Asked.override,
    c.Edit: Asked.edit,
    c.Report: Asked.report,
}
MAKERS = (
    c.Publish, c.PublishMany, c.Adopt, c.SetAccess, c.Subscribe, c.Reserve, c.Pause,
    c.SetRecurrence,
)  # fmt: skip
