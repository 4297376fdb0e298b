"""The real queue and the naive one, step by step beside each other, with a disk between."""

import random
from collections import deque
from math import inf
from typing import Any

from attrs import define, field

from engine import commands as c
from engine.access import EVERYTHING, Caller, Principal
from engine.queue_state import QueueLimits, QueueState, Step
from engine.replies import (
    CancelAsked,
    Granted,
    Jobs,
    JobView,
    Ok,
    OneJob,
    Published,
    PublishedMany,
    Pushed,
    QueueCounts,
    RecurrenceSet,
    Refused,
)
from engine.source import Source
from engine.store.tables import Table
from tests.model.addresses import Address
from tests.model.asked import Asked
from tests.model.asked_of_queue import Answer
from tests.model.line import Line
from tests.model.naive import CANCEL_GRACE, QUARANTINE, Queue
from tests.model.naive_job import STATES, Hold, Job, must
from tests.model.ticks import Ticks

NAME = "q"
START = 1_700_000_000.0
READER = Caller(Principal("reader"), "g", EVERYTHING)
Rows = dict[Table, dict[Any, Any]]


Naive = tuple[Queue, Line, Ticks]


@define
class Pending:
    """A step that is not on disk, with the naive queue as it was when it ended."""

    step: Step
    was: Naive | None


@define
class Beside:
    """Both queues. Every method is one thing that happens, followed by every check."""

    seed: int = 0
    now: float = START
    lagging: bool = False
    """Steps wait for `commit` instead of being durable at once."""
    naive: Queue = field(factory=Queue)
    disk: Rows = field(factory=dict[Table, dict[Any, Any]])
    limits: QueueLimits = field(
        default=QueueLimits(quarantine=QUARANTINE, cancel_grace=CANCEL_GRACE)
    )
    source: Source = field(init=False)
    real: QueueState = field(init=False)
    line: Line = field(init=False)
    ticks: Ticks = field(init=False)
    pending: deque[Pending] = field(factory=deque[Pending])
    kept: Naive | None = None
    """The naive queue as the disk has it, while steps wait."""
    timed_out: list[Any] = field(factory=list[Any])
    """Reserves whose wait is over, and who are to be told so in this step."""

    def __attrs_post_init__(self) -> None:
        self.source = Source(rng=random.Random(self.seed), seeded=True)
        self.source.start(1)
        self.real = QueueState("g", NAME, self.source, self.limits)
        self.line = Line(self.naive)
        self.ticks = Ticks(self.naive)

    def catch_up(self) -> None:
        """Do what is due."""
        raise NotImplementedError

    # -- commands -----------------------------------------------------------------------------

    def tell(self, command: Any, who: Caller, to: Address | None = None) -> Answer:
        """One command to both; what was expected comes back, after it was compared."""
        self.catch_up()
        address = to or Address()
        self.real.handle(command, who, address, self.now)
        step = self.real.take_step()
        shown = self.shown()
        reply = next((reply for to, reply in step.letters if to is address), None)
        asked = Asked(
            self.naive, self.line, self.ticks, who, address, self.now, shown, reply, step.number
        )
        expected = asked.expect(command)
        self.naive.overdue(self.now, shown)
        answers = self.follow(step, address)
        if isinstance(command, c.Reserve):
            self._check_reserve(command, address, answers)
        else:
            must(len(answers) == 1, f"one answer to {command}, not {answers}")
            self._check_answer(expected, answers[0], step)
        self.finish(step, shown)
        return expected

    def _check_answer(self, expected: Answer, reply: Any, step: Step) -> None:
        if isinstance(reply, Refused):
            must(expected == reply.code.value, f"expected {expected}, not {reply.code}")
            must(not step.changes and len(step.letters) == 1, "an error answer changed nothing")
        elif isinstance(reply, Published | PublishedMany):
            many = reply.jobs if isinstance(reply, PublishedMany) else (reply,)
            must(isinstance(expected, tuple) and len(expected) == len(many) + 1, "one id a job")
            assert isinstance(expected, tuple)
            for one, (ids, existing) in zip(many, expected[1:], strict=True):
                must(one.existing == existing, f"existing: {existing}, expected of {one}")
                must(one.job in ids.split("|"), "the job that a unique key names")
        elif isinstance(reply, RecurrenceSet):
            must(expected == ("recurrence", reply.number), "the number of the recurrence")
        elif isinstance(reply, OneJob):
            must(expected == ("job", reply.job.id), "the job that was asked for")
        else:
            must(isinstance(reply, Ok) and expected == "ok", f"expected {expected}, not {reply}")

    def _check_reserve(self, command: c.Reserve, address: Address, answers: list[Any]) -> None:
        parked = self.line.to(address)
        if command.wait and not answers:
            must(parked is not None, "a reserve that got a job waits no more")
            return
        must(len(answers) == 1, "one answer to a reserve")
        jobs = answers[0].jobs
        must(len(jobs) <= command.limit, "no more than the limit")
        if not jobs and not self.naive.paused:
            must(
                not self.naive.ready_at(command.types, self.now),
                "an empty answer only when nothing fits",
            )
            must(not command.wait, "a reserve that may wait does")
        if parked is not None:
            must(not jobs, "who was served left the line")
            self.line.waiters.remove(parked)

    # -- letters ------------------------------------------------------------------------------

    def follow(
        self, step: Step, address: Address | None = None, late: frozenset[int] = frozenset()
    ) -> list[Any]:
        """Apply the grants of a step in order; what is left are the answers to `address`."""
        answers = []
        for to, reply in step.letters:
            if isinstance(reply, Granted | Pushed) and not (to is address and reply == Granted(())):
                self._granted(to, reply, step, late)
            elif isinstance(reply, CancelAsked):
                job = self.naive.find(reply.job)
                held = job is not None and job.hold is not None and job.hold.id == reply.reservation
                must(job is None or held or job.state == "canceled", "only its holder is told")
                continue
            if to is address:
                answers.append(reply)
            else:
                must(isinstance(reply, Granted | Pushed), f"an answer to nobody: {reply}")
        return answers

    def _granted(self, to: Any, reply: Granted | Pushed, step: Step, late: frozenset[int]) -> None:
        if reply == Granted(()):
            must(to in self.timed_out, "an empty grant only when its wait is over")
            self.timed_out.remove(to)
            return
        waiter = self.line.to(to)
        must(waiter is not None, "a job only for who waits")
        assert waiter is not None
        views = reply.jobs if isinstance(reply, Granted) else (reply.job,)
        for view in views:
            job = self.naive.find(view.id)
            must(job is not None, "a job that is there")
            assert job is not None
            lease = job.policy.lease if waiter.lease is None else waiter.lease
            hold = Hold(
                view.reservation or "", waiter.owner, waiter.peer, lease, self.now, step.number
            )
            self.line.serve(waiter, job, hold, self.now, late)
            must(view.payload in {None, job.payload}, "the payload is what was published")
            must(view.attempts == job.attempts, "the attempt is counted before it is seen")
        if waiter.to is not None:
            self.line.waiters.remove(waiter)

    # -- looking ------------------------------------------------------------------------------

    def ask(self, command: Any) -> Any:
        """A read: it changes nothing and posts one letter."""
        address = Address()
        self.real.handle(command, READER, address, self.now)
        step = self.real.take_step()
        must(not step.changes, "a read changes nothing")
        must([to for to, _ in step.letters] == [address], "a read is answered once")
        return step.letters[0][1]

    def shown(self) -> dict[int, JobView]:
        reply = self.ask(c.ListJobs(NAME, limit=1000))
        jobs = reply.jobs if isinstance(reply, Jobs) else ()
        return {view.seq: view for view in jobs}

    def compare(self, shown: dict[int, JobView]) -> None:
        """Every job, and every counter."""
        must(
            sorted(shown) == sorted(job.seq for job in self.naive.jobs),
            f"the same jobs: {sorted(shown)} {sorted((j.seq, j.state) for j in self.naive.jobs)}",
        )
        for job in self.naive.jobs:
            must(job.accounts(), "attempts, lapses, disconnects and releases add up")
            same(job, shown[job.seq])
        counts = self.ask(c.Counts(NAME))
        if isinstance(counts, QueueCounts):
            must(counts.states == self.naive.counts(), "counters equal a recount")
            kinds = {job.kind for job in self.naive.jobs}
            by_type = {kind: self.naive.counts(kind) for kind in kinds}
            must(counts.types == by_type, f"counters by type equal a recount: {counts.types}")
        wake = self.real.next_wake()
        due = self.next_due()
        must(
            wake <= max(due, self.now),
            f"an alarm at {due - self.now} is not missed: {wake - self.now}",
        )

    def next_due(self) -> float:
        return min(self.naive.next_due(), self.line.next_due(), self.ticks.next_due())

    def finish(self, step: Step, shown: dict[int, JobView]) -> None:
        """Both did the same thing: check all, and hand the step over to the disk."""
        self.line.settle(self.now)
        must(not self.timed_out, "whoever waited long enough is told so")
        self.keep(step)
        self.compare(shown)

    # -- commits ------------------------------------------------------------------------------

    def lag(self) -> None:
        """From now on steps wait for `commit`."""
        if not self.lagging:
            self.lagging = True
            self.kept = self.clone()

    def clone(self) -> Naive:
        queue = self.naive.copy()
        return queue, self.line.copy(queue), self.ticks.copy(queue)

    def keep(self, step: Step) -> None:
        """Hand a step over, with what a crash after its commit falls back to."""
        self.pending.append(Pending(step, self.clone() if self.lagging else None))
        if not self.lagging:
            self.commit(1)

    def commit(self, count: int) -> None:
        """Write so many steps as one: folded, the last word a row."""
        folded: Rows = {}
        last = None
        for _ in range(min(count, len(self.pending))):
            last = self.pending.popleft()
            for table, rows in last.step.changes.items():
                folded.setdefault(table, {}).update(rows)
            self.naive.durable(last.step.number, self.now)
            self.kept = last.was
        for table, rows in folded.items():
            kept = self.disk.setdefault(table, {})
            for key, row in rows.items():
                if row is None:
                    kept.pop(key, None)
                else:
                    kept[key] = row
        if last is not None:
            self.real.durable(last.step.number, self.now)


def same(job: Job, view: JobView) -> None:
    """One job looks the same on both sides."""
    more = view.more
    real = (
        view.id, view.type, STATES[view.state], view.priority, view.ready_at, view.attempts,
        more.lapses, more.disconnects, more.releases, more.resets, view.reservation, view.holder,
        inf if more.expires_at is None else more.expires_at,
    )  # fmt: skip
    naive = (
        job.id, job.kind, job.state, job.priority, job.ready_at, job.attempts,
        job.lapses, job.disconnects, job.releases, job.resets,
        job.hold.id if job.hold else None, job.hold.owner if job.hold else "", job.expires_at,
    )  # fmt: skip
    must(real == naive, f"the same job:\n  {real}\n  {naive}")
    must(view.payload in {None, job.payload}, "the payload is what was published")
