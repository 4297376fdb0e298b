"""The trio shell round one queue: one task owns it, and nobody else touches its jobs."""

from collections.abc import Callable
from math import inf

import structlog
import trio

from engine.access import Peer
from engine.clock import Clock
from engine.committer import Committer
from engine.mailbox import Durable, Envelope, Gone, Mailbox, Message, Nudge, Stopping, Tick
from engine.queue_state import MOST_CHANGES, QueueState, Step
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
        self.mailbox = Mailbox()
        self.failed = False
        self.retired = False
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
        self._peers: dict[int, Peer] = {}
        self._used = clock.now()
        self._taken: list[Message] = []

    # -- being spoken to -----------------------------------------------------------------------

    def post(self, message: Message) -> None:
        """Give the queue something to do; a closed one refuses."""
        if self.failed:
            if isinstance(message, Envelope):
                message.to.send(FAILED)
            return
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
        self.jobs = self._jobs_now = len(self.state.jobs)
        self.workers = len(self.state.subscriptions)

    # -- the task ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until retired. An exception is a bug in this queue: the supervisor's business."""
        while not self.retired:
            await self._wait()
            if self._stall < inf:
                await self._wait_for_disk()
            self._work()

    async def _wait(self) -> None:
        if not self.mailbox.is_empty:
            await self.mailbox.wait()
            return
        wake = self.state.next_wake()
        if self.state.is_idle:
            wake = min(wake, self._used + (self._idle if self.state.exists else 0.0))
        if wake == inf:
            await self.mailbox.wait()
        elif wake <= self._clock.now():
            await trio.lowlevel.checkpoint()
        else:
            with trio.move_on_at(self._clock.deadline(wake)):
                await self.mailbox.wait()

    async def _wait_for_disk(self) -> None:
        oldest = self._committer.oldest()
        while oldest is not None and trio.current_time() - oldest > self._stall:
            await self._committer.wait_for_room()
            oldest = self._committer.oldest()

    def _work(self) -> None:
        state = self.state
        now = self._clock.now()
        state.advance(now)
        if not state.slices:
            self._handle(now)
        step = state.take_step()
        if step.letters or step.changes or step.grants:
            self._hand_over(step)
        elif state.is_idle and self.mailbox.is_empty:
            self._retire(now)

    def _handle(self, now: float) -> None:
        state = self.state
        batch = self._taken = self.mailbox.take()
        if len(batch) > self._batch:
            self.mailbox.put_back(batch[self._batch :])
            del batch[self._batch :]
        for count, message in enumerate(batch, 1):
            if isinstance(message, Envelope):
                state.handle(message.command, message.who, message.to, now, message.request)
            else:
                self._obey(message, now)
            if state.slices or state.changed >= MOST_CHANGES:
                self.mailbox.put_back(batch[count:])
                del batch[count:]
                break
        if batch:
            self._used = now

    def _obey(self, message: Message, now: float) -> None:
        state = self.state
        match message:
            case Durable(number):
                state.durable(number, now)
            case Gone(who):
                state.gone(who, now)
            case Nudge(peer):
                state.nudge(peer, now)
            case Tick():
                state.follow_wall(self._clock.shift, now)
            case Stopping():
                state.give_back(now)
            case Envelope():
                raise AssertionError

    def _hand_over(self, step: Step) -> None:
        self._taken = []
        self._index.update(self, step)
        if step.grants:
            self._remember_holders()
        self._jobs_now = len(self.state.jobs)
        for peer in step.freed:
            self._index.nudge(peer, self)
        self._handing = True
        self._committer.hand_over(self, step)
        self._handing = False

    def _remember_holders(self) -> None:
        state = self.state
        for seq, _ in state.granted[-1][1] if state.granted else ():
            job = state.jobs.get(seq)
            hold = job.reservation if job is not None else None
            if hold is not None and isinstance(hold.peer, Peer):
                self._peers[hold.number] = hold.peer
        if len(self._peers) > 64 + 2 * state.counts[2]:
            held = (state.jobs[seq] for mine in state.held.values() for seq in mine)
            live = {job.reservation.number for job in held if job.reservation is not None}
            self._peers = {n: p for n, p in self._peers.items() if n in live}

    # -- the end -------------------------------------------------------------------------------

    def _retire(self, now: float) -> None:
        state = self.state
        if state.exists:
            if now - self._used < self._idle:
                return
            state.unmake()
            self._hand_over(state.take_step())
        self.retired = True
        self._index.retired(self)

    def drop_batch(self) -> None:
        """After a crash: nothing of the batch counts; whoever waits in it is told."""
        for message in self._taken:
            if isinstance(message, Envelope):
                message.to.send(INTERNAL)
        self._taken = []
        for waiter in self.state.line.all():
            if waiter.to is not None:
                waiter.to.send(INTERNAL)
        for _, to in self.state.slices:
            to.send(INTERNAL)
        self._committer.flush()

    def rebuild(self, load: Callable[[QueueState], None]) -> None:
        """Begin anew from what is on disk; subscriptions and holders survive."""
        old = self.state
        subscribed = old.crashed()
        for peer, mine in old.held.items():
            peer.holding = max(0, peer.holding - len(mine))
        old.forget_payloads()
        state = QueueState(self.group, self.name, old.source, old.limits, old.storage)
        state.wall_shift = self._clock.shift
        state.recurrence_options = old.recurrence_options
        load(state)
        state.rebind(self._peers, subscribed)
        self.state = state
        self._index.rebuilt(self, old)

    def close(self) -> None:
        """It crashed too often: refuse everything from now on."""
        self.failed = True
        for message in self.mailbox.take():
            if isinstance(message, Envelope):
                message.to.send(FAILED)
        self._committer.flush()


class Index:
    """The small tables over all queues, written by the actors in the breath of their step."""

    def update(self, actor: QueueActor, step: Step) -> None:
        """Note which jobs and recurrences came and went."""
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
