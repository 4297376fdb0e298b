"""The trio shell round one queue: one task owns it, and nobody else touches its jobs."""

from collections.abc import Callable
from math import inf

import structlog
import trio

from engine.access import Peer
from engine.clock import Clock
from engine.committer import Committer
from engine.events import What
from engine.holders import Holders
from engine.mailbox import Durable, Envelope, Mailbox, Message, Stopping
from engine.obeying import obey
from engine.queue_state import BULKS, Parting, QueueState, Step
from engine.queue_state.crash import abandon, owed
from engine.replies import Code, Refused

log = structlog.get_logger(__name__)

INTERNAL = Refused(Code.INTERNAL)
FAILED = Refused(Code.QUEUE_FAILED)


class QueueActor:
    """One queue's task, its mailbox, and what outlives a crash of its state."""

    def __init__(
        self,
        state: QueueState,
        clock: Clock,
        committer: Committer,
        index: "Index",
        *,
        stall: float = inf,
        idle: float = inf,
        batch: int = 1_000,
    ) -> None:
        """Own `state`.

        Args:
            state: the queue.
            clock: engine time.
            committer: where steps go.
            index: the tables over all queues that this actor keeps up to date.
            stall: while the oldest step is older (seconds), nothing is taken.
            idle: seconds after which an empty unused queue retires.
            batch: messages taken at once.
        """
        self.state = state
        self.group = state.group
        self.name = state.name
        self.mailbox = Mailbox(committer.backlog)
        self.failed = False
        self.retired = False
        self.stays_until = -inf
        """It does not retire before: crashes are counted as long as it lives."""
        self.jobs = 0
        self.workers = 0
        self._jobs_now = 0
        self._handing = False
        self.recurrences: tuple[int, ...] = ()
        self._clock = clock
        self._committer = committer
        self._index = index
        self._stall = stall
        self._idle = idle
        self._batch = batch
        self._holders = Holders()
        self._on_disk = 0
        self._used = clock.now()
        self._taken: list[Message] = []
        self._at = 0

    # -- being spoken to -----------------------------------------------------------------------

    def post(self, message: Message) -> None:
        """Give the queue something to do; a closed one refuses."""
        if self.failed:
            if isinstance(message, Envelope | Stopping):
                message.to.send(FAILED)
        elif not self.retired:  # peers may still name it; commands cannot come
            self.mailbox.post(message)

    def committed(self, step: Step) -> None:
        """A step is durable: what it granted begins to count time."""
        self.jobs = self._jobs_now
        self.workers = len(self.state.subscriptions)
        if step.grants:
            if self._handing:  # durable as it was handed over: no need for a message to oneself
                self.state.durable(step.number, self._clock.now())
            else:
                self.post(Durable(step.number))

    def count(self) -> None:
        """Note the figures that others may read."""
        self._on_disk = self.state.number
        self.jobs = self._jobs_now = len(self.state.jobs)
        self.workers = len(self.state.subscriptions)

    # -- the task ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until retired. An exception is a bug in this queue: the supervisor's business."""
        while not self.retired:
            await self._wait()
            if self._committer.stalled() > self._stall:
                await self._wait_for_disk()
            self._work()

    async def _wait(self) -> None:
        if not self.mailbox.is_empty:
            await self.mailbox.wait()
            return
        wake = min(self.state.next_wake(), self._retires_at())
        if wake == inf:
            await self.mailbox.wait()
        elif wake <= self._clock.now():
            await trio.lowlevel.checkpoint()
        else:
            with trio.move_on_at(self._clock.deadline(wake)):
                await self.mailbox.wait()

    def _retires_at(self) -> float:
        if not self.state.is_idle:
            return inf
        unused = self._used + (self._idle if self.state.exists else 0.0)
        return max(unused, self.stays_until)

    async def _wait_for_disk(self) -> None:
        oldest = self._committer.oldest()
        while oldest is not None and trio.current_time() - oldest > self._stall:
            await self._committer.wait_for_room()
            oldest = self._committer.oldest()

    def _work(self) -> None:
        state = self.state
        now = self._clock.now()
        state.advance(now)
        if not state.is_full():
            self._handle(now)
        step = state.take_step()
        if step.letters or step.changes or step.grants or step.events:
            self._hand_over(step)
        elif self._retires_at() <= now and self.mailbox.is_empty:
            self._retire()
        self._taken = []
        self._committer.flush_at_leisure()

    def _handle(self, now: float) -> None:
        state = self.state
        batch = self._taken = self.mailbox.take()
        if len(batch) > self._batch:
            self._leave(self._batch)
        at = 0
        for at, message in enumerate(batch, 1):
            self._at = at - 1
            if not isinstance(message, Envelope):
                obey(state, message, now, self._clock.shift)
            else:
                command = message.command
                if type(command) in BULKS and not state.has_room(command):
                    self._leave(at - 1)
                    break
                state.handle(command, message.who, message.to, now, message.request)
            if state.is_full():
                self._leave(at)
                break
        self._at = len(batch)
        if batch:
            self._used = now

    def _leave(self, first: int) -> None:
        """Leave the batch from here on to the next step."""
        self.mailbox.put_back(self._taken[first:])
        del self._taken[first:]

    def _hand_over(self, step: Step) -> None:
        self._on_disk = self.state.number or self._on_disk
        self._index.update(self, step)
        for parting in step.partings:
            self._index.part(self, parting)
        if step.grants:
            self._holders.note(self.state)
        self._holders.peers.update(step.adopted)
        self._jobs_now = len(self.state.jobs)
        for peer in step.freed:
            self._index.nudge(peer, self)
        self._handing = True
        self._committer.hand_over(self, step)
        self._handing = False

    # -- the end -------------------------------------------------------------------------------

    def _retire(self) -> None:
        if self.state.exists:
            self.state.unmake()
            if self.state.storage.heard:
                self.state.news.queue(What.QUEUE_DELETED, self._clock.now())
            self._hand_over(self.state.take_step())
        self.retired = True
        self._index.retired(self)

    def drop_batch(self) -> None:
        """After a crash: nothing of the batch counts, and whoever waits for it is told.

        What is no command is done in the next batch; the message that crashed is not.
        """
        batch = [m.to for m in self._taken if isinstance(m, Envelope | Stopping)]
        for to in owed(self.state, batch):
            to.send(INTERNAL)
        rest: list[Message] = [m for m in self._taken if not isinstance(m, Envelope | Stopping)]
        if self._at < len(self._taken) and self._taken[self._at] in rest:
            rest.remove(self._taken[self._at])
        self.mailbox.put_back(rest)
        self._taken = []
        self._committer.flush()

    @property
    def on_disk(self) -> int:
        """The queue's number as of the last step handed over; 0: it was never made."""
        return self._on_disk

    @property
    def number(self) -> int:
        """The queue's number if it exists as of the last step handed over; else 0."""
        return self._on_disk if self._on_disk == self.state.number else 0

    @property
    def expected(self) -> list[Parting]:
        """Jobs that other queues gave to this one and that wait to be taken."""
        return self.mailbox.posted(Parting)

    def rebuild(self, load: Callable[[QueueState], None]) -> None:
        """Begin anew from what is on disk; subscriptions and holders survive."""
        old = self.state
        abandon(old)
        state = type(old)(self.group, self.name, old.source, old.limits, old.storage)
        state.wall_shift = self._clock.shift
        state.recurrence_options = old.recurrence_options
        state.neighbours = old.neighbours
        state.published, state.finished, state.counters = old.published, old.finished, old.counters
        load(state)
        self._holders.bring_back(old, state, self._clock.now())
        self.state = state
        self.mailbox.sift(lambda m: not (isinstance(m, Parting) and m.job.seq in state.jobs))
        self._index.rebuilt(self, old)

    def close(self) -> None:
        """It crashed too often: refuse everything from now on."""
        self.failed = True
        for message in self.mailbox.take():
            if isinstance(message, Envelope | Stopping):
                message.to.send(FAILED)
        self._committer.flush()


class Index:
    """The small tables over all queues, written by the actors in the breath of their step."""

    def update(self, actor: QueueActor, step: Step) -> None:
        """Note which jobs and recurrences came and went."""
        raise NotImplementedError

    def part(self, actor: QueueActor, parting: Parting) -> None:
        """Post a job to the queue it is given to."""
        raise NotImplementedError

    def nudge(self, peer: Peer, but: QueueActor) -> None:
        """Tell a peer's other queues that it may take a job."""
        raise NotImplementedError

    def retired(self, actor: QueueActor) -> None:
        """The actor ends."""
        raise NotImplementedError

    def rebuilt(self, actor: QueueActor, old: QueueState) -> None:
        """The actor began anew from disk."""
        raise NotImplementedError
