"""One queue, as arithmetic.

Rule 1: nothing here waits, sends or reads a clock; `now` is an argument, numbers come from a
`Source`.
Rule 2: `moves.move` is the only code that changes a job's state; live work and overrides use it.
Rule 3: a step's rows are made as it ends; what leaves is a value, never a live job.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from math import inf

from engine.access import Caller, Peer
from engine.commands import PublishOptions
from engine.events import What
from engine.figures import Counters
from engine.job import STATES, Job, Rare
from engine.queue_access import NO_ACCESS
from engine.queue_state import queue_rows
from engine.queue_state.alarms import AlarmKind, Alarms
from engine.queue_state.keeping import keep_jobs
from engine.queue_state.limits import QueueLimits, Storage
from engine.queue_state.neighbours import Neighbours
from engine.queue_state.news import News
from engine.queue_state.order import SeqOrder
from engine.queue_state.ready import ReadyIndex
from engine.queue_state.recurrences import Recurrence
from engine.queue_state.step import Parting, Step
from engine.queue_state.waiting import Waiter, WaitingLine
from engine.queue_state.watchers import Watchers
from engine.replies import Reply, ReplyTo
from engine.source import Source
from engine.store.tables import Key, Row, Table

MOST_CHANGES = 1_000
"""Changes a step makes at most; more goes in slices."""


Event = Waiter | str
"""What may make a match: somebody in line, or a type that got a ready job."""


class QueueCore:
    """The jobs of one queue and everything decided about them."""

    def __init__(
        self,
        group: str,
        name: str,
        source: Source,
        limits: QueueLimits | None = None,
        storage: Storage | None = None,
    ) -> None:
        """Begin empty; the queue exists once a command that makes it has given it a number."""
        self.group = group
        self.name = name
        self.source = source
        self.limits = limits or QueueLimits()
        self.storage = storage or Storage()
        self.neighbours = Neighbours()
        self.wall_shift = 0.0
        """Corrected wall clock minus `now`: only recurrences follow it."""
        self.number = 0
        self.id = ""
        self.created_at = 0.0
        self.paused = self.draining = False
        self.paused_by = self.drained_by = ""
        self.access = NO_ACCESS
        self.jobs: dict[int, Job] = {}
        self.order = SeqOrder(self.jobs)
        self.ids: dict[str, Job] = {}
        self.uniques: dict[str, dict[int, None]] = {}
        self.counts = [0] * len(STATES)
        self.types: dict[str, list[int]] = {}
        self.published = 0
        self.finished = 0
        self.counters = Counters()
        self.news = News(group, name)
        self.done_order: OrderedDict[int, None] = OrderedDict()
        self.ready = ReadyIndex(self.jobs)
        self.line = WaitingLine()
        self.watchers = Watchers()
        self.subscriptions: dict[Peer, Waiter] = {}
        self.held: dict[Peer, dict[int, None]] = {}
        self.calls: dict[int, tuple[ReplyTo, list[tuple[int, int]]]] = {}
        """Granted to a reserve, by the id of its address, until durable: seq and reservation."""
        self.recurrences: dict[int, Recurrence] = {}
        self.recurrence_options: PublishOptions | None = None
        """How jobs made on schedule are treated; None: by the defaults."""
        self.alarms = Alarms(self._alarm_counts)
        self.slices: deque[tuple[Iterator[Reply | None], ReplyTo]] = deque()
        """Bulk work in progress: each `next` is one change; the last gives the answer."""
        self.events: deque[Event] = deque()
        self.cleared = {"jobs": False, "workers": False}
        """Emptied at one stroke, and not filled since: shown as [] instead of null."""

        self._steps = 0
        self.granted: deque[tuple[int, list[tuple[int, int]]]] = deque()
        """Steps not yet durable that granted: seq and reservation number."""
        self._begin()

    def _begin(self) -> None:
        self.letters: list[tuple[ReplyTo, Reply]] = []
        self.touched: dict[int, Job] = {}
        self.bodies: dict[int, Job] = {}
        self.details: dict[int, Job] = {}
        self.lacking = False
        """A view that was made may lack what is on disk only."""
        self.grants: list[tuple[int, int]] = []
        self.adopted: dict[tuple[int, int], Peer] = {}
        """Reservations that came over to another connection."""
        self.freed: list[Peer] = []
        self.born: list[str] = []
        self.gone_ids: list[str] = []
        self.other: dict[Table, dict[Key, Row | None]] = {}
        self.removed: dict[int, bool] = {}
        """Jobs whose rows go, and whether details are among them."""
        self.partings: list[Parting] = []
        self.asked: list[str] = []
        self.called: list[int] = []
        self.before: dict[Peer, tuple[Caller, tuple[str, ...], int] | None] = {}
        """Subscriptions that this step changed, as they were: a crash puts them back."""

    @property
    def exists(self) -> bool:
        """Whether anybody made this queue (and nobody deleted it since)."""
        return bool(self.number)

    def make(self, now: float) -> None:
        """Bring the queue into being, if it is not."""
        if not self.number:
            self.number = self.source.next_queue()
            self.id = self.source.new_id(now)
            self.created_at = now
            self.keep_queue()
            if self.storage.heard:
                self.news.queue(What.QUEUE_MADE, now)

    def unmake(self) -> None:
        """The queue is no more; the next command that makes it starts anew."""
        self.other.setdefault(Table.QUEUES, {})[self.number] = None
        self.number = 0
        self.paused = self.draining = False
        self.access = NO_ACCESS
        self.cleared = {"jobs": False, "workers": False}

    def keep_queue(self) -> None:
        """Have the queue's own row written."""
        access = self.access
        more = queue_rows.QueueMore(
            self.paused, self.paused_by, self.draining, self.drained_by,
            access.key, access.readers, access.writers, access.declared,
        )  # fmt: skip
        self.other.setdefault(Table.QUEUES, {})[self.number] = queue_rows.queue_row(
            self.number, self.group, self.name, self.id, self.created_at, more
        )

    @property
    def is_idle(self) -> bool:
        """Nothing to own and nobody to serve: it may retire."""
        return not (
            self.jobs or self.subscriptions or self.recurrences or self.paused or len(self.line)
            or self.draining or self.access != NO_ACCESS
        )  # fmt: skip

    def keep_numbers(self) -> None:
        """Have the engine's last recurrence number written: none is given twice."""
        self.other.setdefault(Table.META, {})["recurrence"] = (
            "recurrence",
            self.source.recurrence,
        )

    def keep_recurrence(self, found: Recurrence) -> None:
        """Have a recurrence's row written."""
        self.other.setdefault(Table.RECURRENCES, {})[found.number] = queue_rows.recurrence_row(
            found.number, self.number, found.spec, found.last_tick
        )

    def drop_recurrence(self, number: int) -> None:
        """Forget a recurrence."""
        found = self.recurrences.pop(number)
        if found.alarm != inf:
            self.alarms.live -= 1
        self.other.setdefault(Table.RECURRENCES, {})[number] = None

    # -- time --------------------------------------------------------------------------------

    def next_wake(self) -> float:
        """When `advance` has to be called next; `-inf` at once, `inf` never."""
        return -inf if self.slices or self.events else self.alarms.next_at()

    def _alarm_counts(self, at: float, kind: AlarmKind, number: int) -> bool:
        if kind is AlarmKind.JOB:
            job = self.jobs.get(number)
            return job is not None and job.alarm == at
        if kind is AlarmKind.WAITER:
            waiter = self.line.by_number(number)
            return waiter is not None and waiter.deadline == at
        if kind is AlarmKind.WATCHER:
            return self.watchers.has(number)
        recurrence = self.recurrences.get(number)
        return recurrence is not None and recurrence.alarm == at

    # -- the step ----------------------------------------------------------------------------

    @property
    def changed(self) -> int:
        """Changes of the step that is being made."""
        return len(self.touched) + len(self.removed) + len(self.partings)

    def is_full(self) -> bool:
        """Whether the step takes no further command: it has its changes, or bulk work goes on."""
        changes = len(self.touched) + len(self.removed) + len(self.partings)
        return changes >= MOST_CHANGES or bool(self.slices)

    def take_step(self) -> Step:
        """End the step: its rows as of now, its letters, and what the shell must know."""
        self._steps += 1
        if self.touched or self.removed:
            keep_jobs(self, self.other)
        if self.grants:
            self.granted.append((self._steps, self.grants))
        step = Step(
            self._steps, self.other, self.letters, bool(self.grants), self.born, self.gone_ids,
            self.freed, self.adopted, self.news.take(), self.lacking, self.partings,
        )  # fmt: skip
        self._begin()
        return step

    # -- bulk work ---------------------------------------------------------------------------

    def start_bulk(self, work: Iterator[Reply | None], to: ReplyTo) -> None:
        """Begin work of many changes; it ends in this step if the bound allows."""
        self.slices.append((work, to))
        self.run_bulk()

    def run_bulk(self) -> None:
        """Go on with bulk work, first begun first, up to the bound of a step."""
        while self.slices and self.changed < MOST_CHANGES:
            work, to = self.slices[0]
            reply = next(work)
            if reply is not None:
                self.slices.popleft()
                self.letters.append((to, reply))

    # -- what the parts share ----------------------------------------------------------------

    def rare(self, job: Job) -> Rare:
        """The job's rare part, made if need be."""
        found = job.rare
        if found is None:
            found = job.rare = Rare()
        return found

    def drop_payload(self, job: Job) -> None:
        """Leave a payload to the disk."""
        if job.payload is not None:
            self.storage.used -= len(job.payload)
            job.payload = None

    def set_alarm(self, job: Job, at: float) -> None:
        """Have the job looked at no later than `at`; its one entry may fire earlier."""
        if at < job.alarm:
            if job.alarm == inf:
                self.alarms.set(at, AlarmKind.JOB, job.seq)
            else:
                self.alarms.live -= 1
                self.alarms.set(at, AlarmKind.JOB, job.seq)
            job.alarm = at

    def leave_line(self, waiter: Waiter) -> None:
        """Have somebody stand in line no more; harmless for one who does not."""
        if waiter.number and waiter.deadline != inf:
            self.alarms.live -= 1
            waiter.deadline = inf
        self.line.leave(waiter)

    def park(self, waiter: Waiter, until: float) -> None:
        """Have a reserve stand in line until then."""
        waiter.deadline = until
        self.line.join(waiter)
        self.alarms.set(until, AlarmKind.WAITER, waiter.number)

    def post(self, to: ReplyTo, reply: Reply) -> None:
        """Add a letter to the step."""
        self.letters.append((to, reply))
