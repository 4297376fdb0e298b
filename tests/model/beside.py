"""The real queue and the naive one, step by step beside each other, with a disk between."""

import random
from collections import deque
from typing import Any

from attrs import define, field

from engine import commands as c
from engine.access import EVERYTHING, Caller, Principal
from engine.queue_state import QueueLimits, QueueState, Step, Storage
from engine.replies import (
    Adopted,
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
from tests.model.alike import counts_alike, jobs_alike
from tests.model.asked import Asked
from tests.model.asked_of_queue import Answer
from tests.model.line import Line
from tests.model.naive import CANCEL_GRACE, QUARANTINE, Queue
from tests.model.naive_job import Hold, must
from tests.model.steps import Naive, Part, Pending, Rows, fold, write
from tests.model.ticks import Ticks

NAME = "q"
START = 1_700_000_000.0
READER = Caller(Principal("reader"), "g", EVERYTHING)


@define
class Beside:
    """Both queues. Every method is one thing that happens, followed by every check."""

    seed: int = 0
    now: float = START
    lagging: bool = False
    """Steps wait for `commit` instead of being durable at once."""
    naive: Queue = field(factory=Queue)
    disk: Rows = field(factory=dict[Table, dict[Any, Any]])
    keep_done: int = 1_000_000
    """Done jobs that are kept."""
    limits: QueueLimits = field(init=False)
    source: Source = field(init=False)
    real: QueueState = field(init=False)
    line: Line = field(init=False)
    ticks: Ticks = field(init=False)
    pending: deque[Pending] = field(factory=deque[Pending])
    kept: Naive | None = None
    """The naive queue as the disk has it, while steps wait."""
    answered: dict[str, Any] = field(factory=dict[str, Any])
    """Requests with an id, and what they were answered."""
    batch: Naive | None = None
    """The naive queue as it was when the batch began, while one is open."""
    cut: int = 0
    """Letters of the open step that were looked at."""
    timed_out: list[Any] = field(factory=list[Any])
    """Reserves whose wait is over, and who are to be told so in this step."""

    def __attrs_post_init__(self) -> None:
        self.limits = QueueLimits(
            quarantine=QUARANTINE, cancel_grace=CANCEL_GRACE, keep_done_count=self.keep_done
        )
        self.naive.keep_done_count = self.keep_done
        self.source = Source(rng=random.Random(self.seed), seeded=True)
        self.source.start(1)
        self.real = QueueState("g", NAME, self.source, self.limits, Storage())
        self.line = Line(self.naive)
        self.ticks = Ticks(self.naive)

    def catch_up(self) -> None:
        """Do what is due."""
        raise NotImplementedError

    # -- commands -----------------------------------------------------------------------------

    def tell_again(self, command: Any, who: Caller, request: str) -> None:
        """A request that was answered before gets that answer, and has no other effect."""
        self.catch_up()
        address = Address()
        self.real.handle(command, who, address, self.now, request)
        part, shown = self.part(), self.shown()
        must(part.step is None or not part.step.changes, "a request has one effect")
        must(part.letters == [(address, self.answered[request])], "the answer of the first time")
        self.finish(part, shown)

    def tell(
        self, command: Any, who: Caller, to: Address | None = None, request: str | None = None
    ) -> Answer:
        """One command to both; what was expected comes back, after it was compared."""
        self.catch_up()
        address = to or Address()
        self.real.handle(command, who, address, self.now, request)
        part, shown = self.part(), self.shown()
        reply = next((reply for to, reply in part.letters if to is address), None)
        asked = Asked(self.naive, self.line, self.ticks, who, address, self.now, shown, reply)
        expected = asked.expect(command)
        self.naive.overdue(self.now, shown)
        answers = self.follow(part, address)
        if isinstance(command, c.Reserve):
            self._check_reserve(command, address, answers)
        else:
            must(len(answers) == 1, f"one answer to {command}, not {answers}")
            self._check_answer(expected, answers[0], part)
        if request is not None and not isinstance(reply, Refused):
            self.answered[request] = reply
        self.finish(part, shown)
        return expected

    def _check_answer(self, expected: Answer, reply: Any, part: Part) -> None:
        if isinstance(reply, Refused):
            must(expected == reply.code.value, f"expected {expected}, not {reply.code}")
            clean = part.step is None or not part.step.changes
            must(clean and len(part.letters) == 1, "an error answer changed nothing")
        elif isinstance(reply, Published | PublishedMany):
            many = reply.jobs if isinstance(reply, PublishedMany) else (reply,)
            must(isinstance(expected, tuple) and len(expected) == len(many) + 1, "one id a job")
            assert isinstance(expected, tuple)
            for one, (ids, existing) in zip(many, expected[1:], strict=True):
                must(one.existing == existing, f"existing: {existing}, expected of {one}")
                must(one.job in ids.split("|"), "the job that a unique key names")
        elif isinstance(reply, RecurrenceSet | Adopted):
            must(expected == reply, f"expected {expected}, not {reply}")
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
            fit = self.naive.ready_at(command.types, self.now)
            must(not fit, "an empty answer only when nothing fits")
            must(not command.wait, "a reserve that may wait does")
        if parked is not None:
            must(not jobs, "who was served left the line")
            self.line.waiters.remove(parked)

    # -- letters ------------------------------------------------------------------------------

    def follow(
        self, part: Part, address: Address | None = None, late: frozenset[int] = frozenset()
    ) -> list[Any]:
        """Apply the grants of a step in order; what is left are the answers to `address`."""
        answers = []
        for to, reply in part.letters:
            if isinstance(reply, Granted | Pushed) and not (to is address and reply == Granted(())):
                self._granted(to, reply, late)
            elif isinstance(reply, CancelAsked):
                job = self.naive.find(reply.job)
                held = job is not None and job.hold is not None and job.hold.id == reply.reservation
                must(job is None or held or job.state == "canceled", "only its holder is told")
                must(to.told, "only who can be told is")
                continue
            if to is address:
                answers.append(reply)
            else:
                must(isinstance(reply, Granted | Pushed), f"an answer to nobody: {reply}")
        return answers

    def _granted(self, to: Any, reply: Granted | Pushed, late: frozenset[int]) -> None:
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
            hold = Hold(view.reservation or "", waiter.owner, waiter.peer, lease, self.now)
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
        if self.batch is None:
            step = self.real.take_step()
            letters = step.letters
            must(not step.changes, "a read changes nothing")
        else:
            letters = self.real.letters[self.cut :]
            del self.real.letters[self.cut :]
        must([to for to, _ in letters] == [address], "a read is answered once")
        return letters[0][1]

    def shown(self) -> dict[int, JobView]:
        reply = self.ask(c.ListJobs(NAME, limit=1000))
        jobs = reply.jobs if isinstance(reply, Jobs) else ()
        return {view.seq: view for view in jobs}

    def compare(self, shown: dict[int, JobView]) -> None:
        """Every job, and every counter."""
        jobs_alike(self.naive, shown)
        counts = self.ask(c.Counts(NAME))
        if isinstance(counts, QueueCounts):
            counts_alike(self.naive, counts)
        wake = self.real.next_wake()
        due = self.next_due()
        must(
            wake <= max(due, self.now),
            f"an alarm at {due - self.now} is not missed: {wake - self.now}",
        )

    def next_due(self) -> float:
        return min(self.naive.next_due(), self.line.next_due(), self.ticks.next_due())

    # -- steps --------------------------------------------------------------------------------

    def part(self) -> Part:
        """What was just done; outside of a batch it is a step of its own."""
        if self.batch is None:
            step = self.real.take_step()
            return Part(step.letters, step)
        letters = self.real.letters[self.cut :]
        self.cut = len(self.real.letters)
        return Part(letters, None)

    def open_batch(self) -> None:
        """From now on what happens is one step."""
        if self.batch is None:
            self.batch, self.cut = self.clone(), 0

    def close_batch(self) -> None:
        """The step ends."""
        if self.batch is not None:
            self.batch = None
            self.keep(self.real.take_step())

    def finish(self, part: Part, shown: dict[int, JobView]) -> None:
        """Both did the same thing: check all, and hand the step over to the disk."""
        self.line.settle(self.now)
        must(not self.timed_out, "whoever waited long enough is told so")
        if part.step is not None:
            self.keep(part.step)
        self.compare(shown)

    # -- commits ------------------------------------------------------------------------------

    def lag(self) -> None:
        """From now on steps wait for `commit`."""
        if not self.lagging:
            self.lagging = True
            self.kept = self.clone(self.batch)

    def clone(self, of: Naive | None = None) -> Naive:
        naive, line, ticks = of or (self.naive, self.line, self.ticks)
        queue = naive.copy()
        return queue, line.copy(queue), ticks.copy(queue)

    def keep(self, step: Step) -> None:
        """Hand a step over, with what a crash after its commit falls back to."""
        self.naive.handed_over(step.number)
        self.pending.append(Pending(step, self.clone() if self.lagging else None))
        if not self.lagging:
            self.commit(1)

    def commit(self, count: int) -> None:
        """Write so many steps as one: folded, the last word a row."""
        folded: Rows = {}
        last = None
        for _ in range(min(count, len(self.pending))):
            last = self.pending.popleft()
            fold(folded, last.step)
            self.naive.durable(last.step.number, self.now)
            self.kept = last.was
        write(self.disk, folded)
        if last is not None:
            self.real.durable(last.step.number, self.now)
