"""For tests of whatever speaks to an engine: one that follows a script, and a real one in memory.

Both have the same face: `submit`, `execute`, `gone`, `access`, `queue_names` and `fingerprint`.
Under trio's `MockClock` the real one runs in virtual time: its clock is trio's, and nothing in it
waits for a thread.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final

import trio
from attrs import evolve

from engine.access import Caller, Peer, authorize
from engine.clock import Clock
from engine.commands import TABLE
from engine.directory import Directory, EngineSettings, run_engine
from engine.mailbox import Call, Envelope
from engine.passwords import hash_password
from engine.queue_access import QueueAccess
from engine.replies import Code, Refused, Reply, ReplyTo
from engine.source import seeded_source
from engine.store.memory import MemoryStore
from engine.store.protocol import Store

START: Final = 1_600_000_000
"""Unix seconds when a virtual clock says zero; a whole number, so that no fraction is rounded."""

Answer = Reply | Callable[[Any], Reply | None]
"""A scripted reply, or what makes one of the command; None leaves the answer to the test."""


class NotScripted(AssertionError):
    """More was asked than the script has answers for."""


class ScriptedEngine:
    """Answers what it is told to, in order, and remembers what was asked.

    Rights are checked as the real engine checks them: what is refused uses up no reply and is not
    among `asked`.
    """

    def __init__(self, *replies: Answer) -> None:
        """Answer the first command with the first of `replies`, and so on."""
        self.asked: list[Envelope] = []
        """Commands with their callers, addresses and request ids; answer one later by its `to`."""
        self.left: list[Peer] = []
        """Connections that are gone."""
        self.half_closed_by: list[Peer] = []
        """Connections that send no more."""
        self.accesses: dict[tuple[str, str], QueueAccess] = {}
        """By group and queue, what `access` answers."""
        self.forgotten: list[object] = []
        """Commands whose `execute` was cancelled before the answer."""
        self._replies = list(replies)
        self._scripted = len(replies)

    def script(self, *replies: Answer) -> None:
        """Add replies at the end."""
        self._replies += replies
        self._scripted += len(replies)

    @property
    def commands(self) -> list[object]:
        """What was asked, without by whom."""
        return [envelope.command for envelope in self.asked]

    @property
    def remaining(self) -> int:
        """Replies that nobody asked for yet."""
        return len(self._replies)

    def submit(
        self, who: Caller, command: object, to: ReplyTo, request_id: str | None = None
    ) -> None:
        """Answer with the next reply.

        Raises:
            NotScripted: there is none.
        """
        if not authorize(who, TABLE[type(command)].needs):
            to.send(Refused(Code.FORBIDDEN))
            return
        self.asked.append(Envelope(command, who, to, request_id))
        if not self._replies:
            raise NotScripted(f"{command} was asked after all {self._scripted} scripted replies")
        reply = self._replies.pop(0)
        answer = reply(command) if callable(reply) else reply
        if answer is not None:
            to.send(answer)

    async def execute(self, who: Caller, command: object, request_id: str | None = None) -> Reply:
        """Submit and wait."""
        call = Call()
        self.submit(who, command, call, request_id)
        try:
            return await call.wait()
        finally:
            if not call.is_answered:
                self.forgotten.append(command)

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        """Remember that a connection closed."""
        peer.left = for_good
        self.left.append(peer)

    def half_closed(self, peer: Peer) -> None:
        """Remember that a connection sends no more."""
        peer.silent = True
        self.half_closed_by.append(peer)

    def access(self, group: str, queue: str) -> QueueAccess | None:
        """What the test says."""
        return self.accesses.get((group, queue))

    def queue_names(self, group: str) -> list[str]:
        """Of the queues that `accesses` knows."""
        return [name for known, name in self.accesses if known == group]

    def fingerprint(self, text: str) -> bytes:
        """Different for different texts, and under no key."""
        return sha256(text.encode()).digest()


def virtual_clock() -> Clock:
    """A clock that starts at `START` plus trio's time and never jumps."""
    return Clock(lambda: START + trio.current_time())


async def _hash_here(password: str) -> str:
    await trio.lowlevel.checkpoint()
    return hash_password(password)


@asynccontextmanager
async def memory_engine(
    store: Store | None = None,
    *,
    clock: Clock | None = None,
    seed: int = 0,
    **settings: Any,
) -> AsyncGenerator[Directory]:
    """A real engine that keeps nothing, with repeatable ids and jitter.

    Args:
        store: keep rows there instead: a second engine on the same store sees a restart.
        clock: engine time; trio's own, unless given.
        seed: of ids and jitter.
        settings: fields of `EngineSettings`, by name.

    Raises:
        StoreError: the store handed in refused or failed.
    """
    async with run_engine(
        store or MemoryStore(trio.current_time),
        evolve(EngineSettings(), **{"hash_password": _hash_here, **settings}),
        source=seeded_source(seed),
        clock=clock or virtual_clock(),
    ) as engine:
        yield engine
