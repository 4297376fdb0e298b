"""Commands that span queues: asked of several, answered once."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from engine import commands as c
from engine.access import Caller
from engine.claim import Claim
from engine.clock import Clock
from engine.committer import Committer
from engine.directory.office import ADMINISTERING, Office
from engine.explanations import Ticks
from engine.mailbox import Call, Envelope
from engine.queue_actor import QueueActor
from engine.recurrence import BadCron, Schedule
from engine.replies import (
    OK,
    Code,
    Granted,
    HealthCounts,
    Queues,
    QueueView,
    Refused,
    Reply,
    ReplyTo,
)


class Desk(Protocol):
    """What a command that spans queues needs of the front desk."""

    queues: dict[str, dict[str, QueueActor]]
    committer: Committer
    clock: Clock
    office: Office
    chains: "dict[ReplyTo, Chain]"
    """Calls that ask several queues, until they are answered."""

    def submit(self, who: Caller, command: Any, to: ReplyTo) -> None:
        """Ask one queue."""

    def make(self, group: str, name: str, to: ReplyTo) -> QueueActor | None:
        """A new queue's actor; None: the refusal is on its way."""

    def forget(self, group: str, queue: str, to: ReplyTo) -> None:
        """Tell a queue that nobody waits at this address any more."""

    def actors(self) -> list[QueueActor]:
        """Every queue of every group."""

    def of_job(self, group: str, job: str) -> QueueActor | None:
        """The queue that has a job."""

    def of_recurrence(self, group: str, number: int) -> QueueActor | None:
        """The queue a recurrence stands in."""

    def health(self) -> HealthCounts:
        """Counts over all groups."""


UNKNOWN_JOB: Final = Refused(Code.UNKNOWN_JOB)
UNKNOWN_RECURRENCE: Final = Refused(Code.UNKNOWN_RECURRENCE)


class Gather:
    """Collects the answers of several queues and passes one on when the last is there."""

    def __init__(self, to: ReplyTo, expected: int, join: Callable[[list[Reply]], Reply]) -> None:
        """Answer to `to` with `join` of all answers."""
        self._to = to
        self._expected = expected
        self._join = join
        self._replies: list[Reply] = []

    def send(self, reply: Reply) -> None:
        """One queue's answer."""
        self._replies.append(reply)
        if len(self._replies) == self._expected:
            self._to.send(self._join(self._replies))


class _Last:
    """An address made of a function."""

    def __init__(self, send: Callable[[Reply], None]) -> None:
        self.send = send


class Chain:
    """Asks one queue after the other, in the order named, then waits in all of them."""

    def __init__(self, desk: Desk, command: c.ReserveAny, who: Caller, to: ReplyTo) -> None:
        self._desk = desk
        self._command = command
        self._who = who
        self._to = to
        self._next = 0
        self._claim: Claim | None = None
        self._given_up = False
        if isinstance(to, Call):  # a connection that goes is told of by `gone`
            desk.chains[to] = self

    def ask(self) -> None:
        """Ask the next queue for what is ready now."""
        command = self._command
        if self._next == len(command.queues):
            self._park()
            return
        queue = command.queues[self._next]
        self._next += 1
        self._desk.submit(self._who, self._one(queue, 0.0), self)

    def send(self, reply: Reply) -> None:
        """A queue answered: its jobs, or nothing, which is the next one's turn."""
        empty = isinstance(reply, Granted) and not reply.jobs
        if self._given_up:
            return
        if empty and (self._command.wait or self._next < len(self._command.queues)):
            self.ask()
        else:
            self._answer(reply)

    def give_up(self) -> None:
        """Nobody takes the answer any more: the queues asked are told."""
        self._given_up = True
        self._desk.chains.pop(self._to, None)
        for queue in self._command.queues:
            self._desk.forget(self._who.group, queue, self if self._claim is None else self._claim)

    def _answer(self, reply: Reply) -> None:
        self._desk.chains.pop(self._to, None)
        self._to.send(reply)

    def _park(self) -> None:
        command = self._command
        claim = self._claim = Claim(_Last(self._answer), len(command.queues))
        for queue in command.queues:
            self._desk.submit(self._who, self._one(queue, command.wait), claim)

    def _one(self, queue: str, wait: float) -> c.Reserve:
        command = self._command
        return c.Reserve(queue, command.types, command.limit, wait, command.lease)


def reserve_any(desk: Desk, command: c.ReserveAny, who: Caller, to: ReplyTo) -> None:
    """From the first queue that has a job."""
    Chain(desk, command, who, to).ask()


def ask_all(
    desk: Desk,
    actors: Iterable[QueueActor],
    command: Callable[[str], object],
    who: Caller,
    to: ReplyTo,
    join: Callable[[list[Reply]], Reply],
) -> None:
    """Ask each of them, and answer with what `join` makes of the answers."""
    asked = list(actors)
    if not asked:
        desk.committer.answer(to, join([]))
        return
    gather = Gather(to, len(asked), join)
    for actor in asked:
        actor.post(Envelope(command(actor.name), who, gather))


def join_queues(limit: int) -> Callable[[list[Reply]], Reply]:
    """Queues in order of their making, unless they have too many jobs together."""

    def join(replies: list[Reply]) -> Reply:
        views = sorted(
            (reply for reply in replies if isinstance(reply, QueueView)),
            key=lambda view: view.number,
        )
        for reply in replies:
            if isinstance(reply, Refused) and reply.code is Code.TOO_MANY_JOBS:
                return reply
        jobs = sum(len(view.jobs or ()) for view in views)
        if limit and jobs > limit:
            return Refused(
                Code.TOO_MANY_JOBS, f"the queues have {jobs} jobs; at most {limit} are listed"
            )
        return Queues(tuple(views))

    return join


def describe_all(desk: Desk, command: c.DescribeAll, who: Caller, to: ReplyTo) -> None:
    """Every queue of the caller's group."""
    actors = desk.queues.get(who.group, {}).values()
    ask_all(
        desk, actors, lambda name: c.Describe(name, command.jobs), who, to,
        join_queues(command.jobs),
    )  # fmt: skip


def dump(desk: Desk, command: c.Dump, who: Caller, to: ReplyTo) -> None:
    """Every queue of every group."""
    ask_all(
        desk, desk.actors(), lambda name: c.Describe(name, command.jobs), who, to,
        join_queues(command.jobs),
    )  # fmt: skip


def retry_all(desk: Desk, command: c.RetryAllNow, who: Caller, to: ReplyTo) -> None:
    """The errored jobs of the server."""
    ask_all(desk, desk.actors(), c.RetryNow, who, to, lambda _: OK)


def health(desk: Desk, command: c.Health, who: Caller, to: ReplyTo) -> None:
    """From the tables, asking no queue."""
    desk.committer.answer(to, desk.health())


def delete_recurrence(desk: Desk, command: c.DeleteRecurrence, who: Caller, to: ReplyTo) -> None:
    """By its number, in the queue where it stands."""
    to = desk.office.witness(command, who, to)
    actor = desk.of_recurrence(who.group, command.number)
    if actor is None:
        desk.committer.answer(to, UNKNOWN_RECURRENCE)
    else:
        actor.post(Envelope(c.DropRecurrence(actor.name, command.number), who, to))


def move(desk: Desk, command: c.Move, who: Caller, to: ReplyTo) -> None:
    """By the queue that has the job, once the other one is there."""
    actor = desk.of_job(who.group, command.job)
    if actor is None:
        desk.committer.answer(to, UNKNOWN_JOB)
        return
    there = desk.queues[who.group].get(command.queue)
    if there is actor or (there is not None and there.number and not there.failed):
        if there is not actor and there.state.draining:
            desk.committer.answer(to, Refused(Code.DRAINING))
        else:
            actor.post(Envelope(command, who, to))
        return

    def made(reply: Reply) -> None:
        if isinstance(reply, Refused):
            to.send(reply)
        else:
            move(desk, command, who, to)

    new = there or desk.make(who.group, command.queue, to)
    if new is not None:
        new.post(Envelope(c.SetAccess(command.queue), who, _Last(made)))


def preview_cron(desk: Desk, command: c.PreviewCron, who: Caller, to: ReplyTo) -> None:
    """The next times of a schedule, by the corrected clock."""
    try:
        schedule = Schedule.parse(command.text, zone=command.zone or None, seconds=command.seconds)
    except BadCron as error:
        desk.committer.answer(to, Refused(Code.INVALID_CRON, str(error)))
        return
    wall = desk.clock.now() + desk.clock.shift
    desk.committer.answer(to, Ticks(tuple(schedule.preview(command.n, wall))))


def administer(desk: Desk, command: object, who: Caller, to: ReplyTo) -> None:
    """In the office."""
    desk.office.post(command, who, to)


SPANNING: Final[dict[type, Callable[[Desk, Any, Caller, ReplyTo], None]]] = {
    c.ReserveAny: reserve_any,
    c.DescribeAll: describe_all,
    c.Dump: dump,
    c.RetryAllNow: retry_all,
    c.Health: health,
    c.DeleteRecurrence: delete_recurrence,
    c.Move: move,
    c.PreviewCron: preview_cron,
    **dict.fromkeys(ADMINISTERING, administer),
}
