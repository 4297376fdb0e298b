"""What tests of the engine share: who asks, where answers go, and asking with an end."""

from typing import Any, Protocol

import trio
from attrs import define, field

from engine.access import MEMBER, Caller, Peer, Principal, caller
from engine.commands import Get, Publish, Reserve
from engine.job import JobState
from engine.replies import Granted, JobView, OneJob, Published, Pushed, Refused, Reply, ReplyTo

GROUP = "g"
ADA = Principal("ada", {GROUP: MEMBER})
ROOT = Principal("root", {}, admin=True)
WHO = caller(ADA, GROUP)
PATIENCE = 1_000.0
"""Virtual seconds until a test that waits for something gives up."""


class Desk(Protocol):
    """What every engine offers."""

    def submit(
        self, who: Caller, command: object, to: ReplyTo, request_id: str | None = None
    ) -> None: ...

    async def execute(
        self, who: Caller, command: object, request_id: str | None = None
    ) -> Reply: ...

    def gone(self, peer: Peer, *, for_good: bool = True) -> None: ...

    def half_closed(self, peer: Peer) -> None: ...


@define(eq=False)
class Box:
    """An address that keeps what comes; `log` is shared where order over addresses matters."""

    name: str = ""
    log: list[tuple[str, object]] = field(factory=list[tuple[str, object]])
    got: list[Any] = field(factory=list[Any])
    _bell: trio.Event = field(factory=trio.Event)

    def send(self, reply: object) -> None:
        self.got.append(reply)
        self.log.append((self.name, reply))
        self._bell.set()

    async def wait_for(self, count: int) -> None:
        """Return when `count` answers are there."""
        with trio.fail_after(PATIENCE):
            while len(self.got) < count:
                self._bell = trio.Event()
                await self._bell.wait()

    @property
    def only(self) -> Any:
        """The one answer."""
        (answer,) = self.got
        return answer


class Worker(Peer):
    """A connection that keeps what is pushed to it."""

    def __init__(
        self, address: str = "host:1", grace: float = 0.0, *, single: bool = False
    ) -> None:
        super().__init__("ada", address, grace, single=single)
        self.box = Box(address)
        self.who = caller(ADA, GROUP, self)

    def send(self, reply: object) -> None:
        self.box.send(reply)

    @property
    def pushed(self) -> list[JobView]:
        """Jobs that came, in order."""
        return [reply.job for reply in self.box.got if isinstance(reply, Pushed)]


async def ask(desk: Desk, command: object, who: Caller = WHO, request: str | None = None) -> Any:
    """Execute, failing the test when no answer comes."""
    with trio.fail_after(PATIENCE):
        return await desk.execute(who, command, request)


async def publish(desk: Desk, queue: str = "q", payload: bytes = b"", kind: str = "t") -> str:
    """A new job's id."""
    reply = await ask(desk, Publish(queue, kind, payload))
    assert isinstance(reply, Published), reply
    return reply.job


async def reserve(
    desk: Desk, queue: str = "q", who: Caller = WHO, **more: Any
) -> tuple[JobView, ...]:
    """What there is to take."""
    reply = await ask(desk, Reserve(queue, **more), who)
    assert isinstance(reply, Granted), reply
    return reply.jobs


async def look(desk: Desk, job: str) -> JobView:
    """A job as it is."""
    reply = await ask(desk, Get(job))
    assert isinstance(reply, OneJob), reply
    return reply.job


async def state_of(desk: Desk, job: str) -> JobState | None:
    """A job's state; None: there is no such job."""
    reply = await ask(desk, Get(job))
    return None if isinstance(reply, Refused) else reply.job.state


async def settle(turns: int = 50) -> None:
    """Let every task that can run do so, without time passing."""
    for _ in range(turns):
        await trio.lowlevel.checkpoint()
