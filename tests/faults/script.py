"""A day in the life of an engine: one of nearly everything that is written, a step at a time.

Each step makes one commit at most, so that after a failure the engine stands before it or after it.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import trio
from attrs import define, evolve, field

from engine.access import Caller, Peer, caller
from engine.commands import (
    AddGroup,
    Cancel,
    Checkpoint,
    Delete,
    DeleteQueue,
    Done,
    Drain,
    DropRecurrence,
    Edit,
    Fail,
    Get,
    KeepFor,
    ListJobs,
    Log,
    Move,
    NewJob,
    Override,
    Pause,
    Progress,
    Publish,
    PublishMany,
    PublishOptions,
    Purge,
    Release,
    Reserve,
    Reset,
    Resume,
    SetRecurrence,
    Touch,
)
from engine.directory import Directory
from engine.job import JobPolicy
from engine.replies import Granted, Published, PublishedMany, RecurrenceSet, Refused, Reply
from engine.retry import Backoff
from tests.support.desk import ADA, GROUP, ROOT, WHO

ADMIN: Final = caller(ROOT, GROUP)
POLICY: Final = JobPolicy(lease=4.0, backoff=Backoff.fixed(3.0))
PLAIN: Final = PublishOptions(policy=POLICY)
BIG: Final = b"\x00\xffbig" * 4_000
RESULT: Final = b"result" * 1_500


@define
class Play:
    """Where the script is: the engine it speaks to, and the jobs by the names it has for them."""

    engine: Directory
    worker: Peer = field(factory=lambda: Peer("ada", "host:1", 0.0))
    jobs: dict[str, str] = field(factory=dict[str, str])
    recurrence: int = 0

    @property
    def who(self) -> Caller:
        """The one connection that takes jobs."""
        return caller(ADA, GROUP, self.worker)

    async def ask(self, command: object, who: Caller = WHO, request: str | None = None) -> Any:
        """An answer that is no refusal."""
        reply: Reply = await self.engine.execute(who, command, request)
        assert not isinstance(reply, Refused), (command, reply)
        return reply

    async def publish(
        self, name: str, payload: bytes, queue: str = "q", request: str | None = None, **more: Any
    ) -> None:
        """Add a job under a name."""
        command = Publish(queue, "t", payload, evolve(PLAIN, **more))
        reply = await self.ask(command, request=request)
        assert isinstance(reply, Published)
        self.jobs[name] = reply.job

    async def publish_many(self) -> None:
        """Add five at once."""
        jobs = tuple(NewJob("bulk", bytes(size), PLAIN) for size in range(0, 5_000, 1_000))
        reply = await self.ask(PublishMany("q", jobs))
        assert isinstance(reply, PublishedMany)
        self.jobs |= {f"bulk-{at}": one.job for at, one in enumerate(reply.jobs)}

    async def take(self, *names: str, queue: str = "q") -> None:
        """Reserve exactly these."""
        reply = await self.ask(Reserve(queue, limit=len(names)), self.who)
        assert isinstance(reply, Granted)
        assert [view.id for view in reply.jobs] == [self.jobs[name] for name in names]

    async def work(self, command: Callable[..., object], name: str, *said: Any) -> None:
        """Say something about a job that is held."""
        await self.ask(command(self.jobs[name], *said), self.who)

    async def recur(self) -> None:
        """Have a job each ten seconds."""
        reply = await self.ask(SetRecurrence("r", "tick", "*/10 * * * * *", b"tock"))
        assert isinstance(reply, RecurrenceSet)
        self.recurrence = reply.number


Step = Callable[[Play], Awaitable[Any]]


def until(second: float) -> Step:
    """Let time pass up to a second of the script."""
    return lambda _: trio.sleep_until(second)


def say(command: object) -> Step:
    """Ask for something that needs nothing to be remembered."""
    return lambda play: play.ask(command)


STEPS: Final[tuple[Step, ...]] = (
    lambda play: play.publish("small", b"1"),
    lambda play: play.publish("big", BIG),
    lambda play: play.publish("later", b"3", delay=6.0),
    lambda play: play.publish("first", b"4", priority=-1),
    lambda play: play.publish_many(),
    lambda play: play.publish("other", b"5", queue="side", request="r-1"),
    lambda play: play.publish("other", b"5", queue="side", request="r-1"),
    lambda play: play.publish("only", b"6", queue="side", unique_key="k"),
    lambda play: play.take("first", "small", "big"),
    lambda play: play.work(Progress, "small", 0.5),
    lambda play: play.work(Log, "small", "a line"),
    lambda play: play.work(Checkpoint, "small", b"row 7"),
    lambda play: play.work(Touch, "small"),
    lambda play: play.work(lambda job: Done(job, result=RESULT), "small"),
    lambda play: play.work(lambda job: Fail(job, error="no", trace="deep"), "big"),
    lambda play: play.work(Release, "first"),
    lambda play: play.ask(Get(play.jobs["small"])),
    until(1.5),
    lambda play: play.take("first"),
    until(4.5),  # the failed one is due again
    until(9.0),  # so is the later one, and the first one, which was not heard of in its lease
    lambda play: play.take("first", "big", "later", "bulk-0", "bulk-1"),
    lambda play: play.work(lambda job: Fail(job, retry=False), "bulk-0"),
    lambda play: play.work(Done, "big"),
    lambda play: play.recur(),
    until(12.0),
    until(22.0),
    lambda play: play.ask(DropRecurrence("r", play.recurrence)),
    lambda play: play.ask(Move(play.jobs["other"], "q")),
    lambda play: play.ask(Cancel(play.jobs["only"])),
    lambda play: play.ask(Reset(play.jobs["only"])),
    lambda play: play.ask(Edit(play.jobs["bulk-2"], payload=b"edited", priority=4)),
    lambda play: play.ask(Override(play.jobs["bulk-3"], "done")),
    lambda play: play.ask(Delete(play.jobs["bulk-4"])),
    lambda play: play.ask(KeepFor(play.jobs["small"], 500.0)),
    say(Pause("side")),
    say(Drain("side")),
    say(Resume("side")),
    lambda play: play.ask(AddGroup("team"), ADMIN),
    say(ListJobs("q")),
    say(Purge("side")),
    say(DeleteQueue("r")),
    lambda play: play.publish("last", b"7", queue="side"),
)
