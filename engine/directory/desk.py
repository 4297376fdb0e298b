"""The engine's front desk: which queue answers what, and the tables that span queues."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from engine import commands as c
from engine.access import Caller, Peer, authorize
from engine.clock import Clock
from engine.commands.fields import is_name
from engine.committer import Committer
from engine.directory.feed import Feed
from engine.directory.office import Office
from engine.directory.others import Others
from engine.directory.peers import tell_queues
from engine.directory.settings import EngineSettings
from engine.directory.spanning import SPANNING, Chain, Gather
from engine.directory.statistics import all_figures, health, statistics
from engine.directory.tables import Tables
from engine.figures import EngineStatistics, QueueFigures
from engine.history import History
from engine.mailbox import Call, Envelope, Gone, HalfClosed, Nobody, Nudge, Stopping, Tick
from engine.queue_access import QueueAccess
from engine.queue_actor import Index, QueueActor
from engine.queue_state import Parting, QueueState, Step, Storage
from engine.queue_state.requests import request_from
from engine.replies import OK, Code, Granted, HealthCounts, Refused, Reply, ReplyTo
from engine.source import Source
from engine.store.tables import Row

UNKNOWN_QUEUE: Final = Refused(Code.UNKNOWN_QUEUE)
UNKNOWN_JOB: Final = Refused(Code.UNKNOWN_JOB)
FORBIDDEN: Final = Refused(Code.FORBIDDEN)
SERVER, JOB, NEW_QUEUE = c.Route.SERVER, c.Route.JOB, c.Route.NEW_QUEUE
STOPPING: Final = Refused(Code.STOPPING)
INVALID_NAME: Final = Refused(Code.INVALID_NAME)


class Directory(Index):
    """Queues by group and name, jobs by group and id."""

    def __init__(
        self,
        settings: EngineSettings,
        source: Source,
        clock: Clock,
        committer: Committer,
        storage: Storage,
    ) -> None:
        """Nothing runs before `begin`."""
        self.settings = settings
        self.clock = clock
        self.committer = committer
        self.queues: dict[str, dict[str, QueueActor]] = {}
        self.stopping = False
        self._source = source
        self._storage = storage
        self.chains: dict[ReplyTo, Chain] = {}
        """Calls that ask several queues, until they are answered."""
        self._start: Callable[[QueueActor], None] | None = None
        self._tables = Tables(settings.freeze_every)
        self._count = 0
        self._started = clock.now()
        self.feed = Feed(storage, source, settings.events)
        self.history = History()
        self.office = Office(committer, clock, source, settings, self._has_queues)
        committer.on_room = self.tick
        committer.on_events = self.feed.tell

    # -- commands ------------------------------------------------------------------------------

    def submit(self, who: Caller, command: Any, to: ReplyTo, request_id: str | None = None) -> None:
        """Check the right, find the queue, post; `to` gets exactly one answer, later."""
        row = c.TABLE[type(command)]
        if not authorize(who, row.needs):
            to.send(FORBIDDEN)
        elif self.stopping:
            to.send(STOPPING)
        elif row.route is SERVER:
            SPANNING[type(command)](self, command, who, to)
        else:
            if row.audited:
                to = self.office.witness(command, who, to)
            actor = self._find(row.route, who, command, to)
            if actor is not None:
                if who.peer is not None and row.stays:
                    if who.peer.left:
                        to.send(FORBIDDEN)
                        return
                    who.peer.queues.add(actor)
                actor.post(Envelope(command, who, to, request_id))

    def _find(self, route: c.Route, who: Caller, command: Any, to: ReplyTo) -> QueueActor | None:
        """The actor that answers; None: the refusal is on its way."""
        if route is JOB:
            actor = self._tables.of_job(who.group, command.job)
            if actor is None:
                self.committer.answer(to, UNKNOWN_JOB)
                self._spoke(who.peer)
            return actor
        actor = self.queues.get(who.group, {}).get(command.queue)
        if actor is None:
            if route is NEW_QUEUE:
                return self.make(who.group, command.queue, to)
            self.committer.answer(to, UNKNOWN_QUEUE)
        return actor

    async def execute(self, who: Caller, command: object, request_id: str | None = None) -> Reply:
        """Submit and wait. Cancelled, it leaves nothing reserved."""
        call = Call()
        self.submit(who, command, call, request_id)
        taken = False
        try:
            reply = await call.wait()
            taken = True
        finally:
            if not taken:
                self._give_up(who, command, call)
        return reply

    def _give_up(self, who: Caller, command: Any, call: Call) -> None:
        """Nobody takes the answer: what it grants, or has granted, goes back."""
        if call.is_answered:
            if isinstance(call.reply, Granted):
                for job in call.reply.jobs:
                    self.submit(who, c.Release(job.id, job.reservation), Nobody())
        elif isinstance(command, c.Reserve):
            self.forget(who.group, command.queue, call)
        elif isinstance(command, c.ReserveAny):
            self.chains[call].give_up()
        elif isinstance(command, c.Wait):
            actor = self._tables.of_job(who.group, command.job)
            if actor is not None:  # else it was answered
                actor.post(Gone(call))

    def forget(self, group: str, queue: str, to: ReplyTo) -> None:
        """Tell a queue that nobody waits at this address any more."""
        actor = self.queues.get(group, {}).get(queue)
        if actor is not None:
            actor.post(Gone(to))

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        """A connection closed: every queue it used gives back or keeps what it held.

        With `for_good=False` it only begins anew, as somebody else.
        """
        peer.left = for_good
        tell_queues(peer, Gone(peer))
        peer.queues.clear()

    def half_closed(self, peer: Peer) -> None:
        """A peer sends no more: what it waits for is answered now, with what there is."""
        peer.silent = True
        tell_queues(peer, HalfClosed(peer))

    def _spoke(self, peer: Peer | None) -> None:
        """A peer whose job went away under it said its word: it may be offered the next."""
        if peer is not None and peer.owes:
            peer.owes = False
            tell_queues(peer, Nudge(peer))

    def begin(self, start: Callable[[QueueActor], None]) -> None:
        """Run the actors there are, and from now on each as it is made; `start` begins a task."""
        self._start = start
        for actor in self.actors():
            start(actor)

    # -- queues --------------------------------------------------------------------------------

    def make(self, group: str, name: str, to: ReplyTo) -> QueueActor | None:
        """A new queue's actor; None: the refusal is on its way."""
        if not is_name(name):
            to.send(INVALID_NAME)
            return None
        if self._count >= self.settings.queues:
            to.send(Refused(Code.TOO_MANY_QUEUES))
            return None
        return self.add(group, name)

    def add(self, group: str, name: str) -> QueueActor:
        """A queue's actor, started; the queue exists once a command makes it or rows are loaded."""
        settings = self.settings
        state = settings.queue(group, name, self._source, settings.limits, self._storage)
        state.wall_shift = self.clock.shift
        state.recurrence_options = settings.recurring
        state.neighbours = Others(name, group, self.queues, self._tables)
        actor = QueueActor(
            state, self.clock, self.committer, self,
            stall=settings.stall, idle=settings.idle, batch=settings.batch,
        )  # fmt: skip
        self.queues.setdefault(group, {})[name] = actor
        self._count += 1
        if self._start is not None:
            self._start(actor)
        return actor

    def _has_queues(self, group: str) -> bool:
        return any(actor.state.exists for actor in self.queues.get(group, {}).values())

    def fingerprint(self, text: str) -> bytes:
        """What is kept of a secret: HMAC-SHA-256 under the store's own key."""
        return self.office.fingerprint(text)

    def actors(self) -> list[QueueActor]:
        """Every actor of every group."""
        return [actor for queues in self.queues.values() for actor in queues.values()]

    def of_job(self, group: str, job: str) -> QueueActor | None:
        """The queue that has a job."""
        return self._tables.of_job(group, job)

    def of_recurrence(self, group: str, number: int) -> QueueActor | None:
        """The queue a recurrence stands in."""
        return self._tables.of_recurrence(group, number)

    def access(self, group: str, queue: str) -> QueueAccess | None:
        """What a queue asks of doors without principals; None: there is no such queue."""
        return self._tables.access(group).get(queue)

    def queue_names(self, group: str) -> list[str]:
        """The queues of a group, in order of their making."""
        return list(self._tables.access(group))

    def tick(self) -> None:
        """Have every queue look at the clock and at the storage."""
        for actor in self.actors():
            actor.post(Tick())

    def health(self) -> HealthCounts:
        """Counts over all groups, as of the last commits."""
        return health(self.actors())

    def figures(self) -> Iterator[QueueFigures]:
        """Every queue that exists, in numbers, each made as it is asked for."""
        now = self.clock.now()
        return all_figures(self.actors(), now)

    def statistics(self) -> EngineStatistics:
        """What is no queue's own, in numbers."""
        return statistics(
            self.committer, self.clock, self.feed,
            started=self._started, queues=self._count, stopping=self.stopping,
        )  # fmt: skip

    async def stop(self) -> None:
        """Take no more commands; give back what connections hold; return when all is durable."""
        self.stopping = True
        actors = self.actors()
        if actors:
            call = Call()
            gather = Gather(call, len(actors), lambda _: OK)
            for actor in actors:
                actor.post(Stopping(gather))
            await call.wait()
        await self.committer.wait_durable()
        await self.office.finish()
        self.feed.close()

    # -- the tables, written by the actors -----------------------------------------------------

    def update(self, actor: QueueActor, step: Step) -> None:
        """Note which jobs, recurrences and queues came and went."""
        self._tables.update(actor, step)

    def loaded(self, actor: QueueActor) -> None:
        """The actor's state was filled from disk."""
        actor.state.loaded()
        self._tables.loaded(actor)
        actor.count()

    def remember(self, row: Row) -> None:
        """A request that was answered before the restart."""
        self._storage.requests.add(*request_from(row))

    def rebuilt(self, actor: QueueActor, old: QueueState) -> None:
        """The actor began anew from disk."""
        self._tables.forget(actor, old)
        self.loaded(actor)
        for parting in actor.expected:
            self._tables.give(actor, parting.job.id)

    def part(self, actor: QueueActor, parting: Parting) -> None:
        """Post a job to the queue it is given to; one that went meanwhile begins anew."""
        known = self.queues[actor.group].get(parting.queue)
        to = known or self.add(actor.group, parting.queue)
        self._tables.give(to, parting.job.id)
        to.post(parting)

    def nudge(self, peer: Peer, but: QueueActor) -> None:
        """Tell a peer's other queues that it may take a job."""
        tell_queues(peer, Nudge(peer), but)

    def retired(self, actor: QueueActor) -> None:
        """The actor ends."""
        queues = self.queues[actor.group]
        if queues.get(actor.name) is actor:
            del queues[actor.name]
            self._count -= 1
