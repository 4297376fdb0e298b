"""How a queue actor is spoken to: a memory channel whose messages are batches.

Whoever posts first sends a list through the channel; whoever posts before the actor has taken it
adds to that list. So the cost of waking a task is paid once a batch, not once a command.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import trio
from attrs import frozen
from msgspec import Struct

from engine.access import Caller, Peer
from engine.queue_state.step import Parting
from engine.replies import Code, Refused, Reply, ReplyTo


class Envelope(Struct, frozen=True, gc=False):
    """A command and the way back."""

    command: object
    who: Caller
    to: ReplyTo
    request: str | None = None


@frozen
class Durable:
    """Every step up to this number is on disk."""

    number: int


@frozen
class Gone:
    """A connection closed or a call was cancelled."""

    who: Peer | ReplyTo


@frozen
class HalfClosed:
    """A peer sends no more, so it waits for nothing either."""

    peer: Peer


@frozen
class Nudge:
    """A peer that takes one job at a time is free again, or spoke."""

    peer: Peer


@frozen
class Tick:
    """Look at the clock: the wall clock jumped, or the storage has room again."""


@frozen
class Stopping:
    """Give back what connections hold, answer who waits; the server stops."""

    to: ReplyTo
    """Answered once that is durable."""


Message = Envelope | Durable | Gone | HalfClosed | Nudge | Tick | Stopping | Parting

T = TypeVar("T")
INTERNAL: Final = Refused(Code.INTERNAL)


class Backlog:
    """How many mailboxes of an engine hold something: whoever empties the last one may flush."""

    def __init__(self) -> None:
        self.mailboxes = 0


class Mailbox:
    """The channel into one actor. Posting never waits; what fills it is bounded by the doors."""

    def __init__(self, backlog: Backlog | None = None) -> None:
        """Count in `backlog` while something waits."""
        self._backlog = backlog or Backlog()
        self._send, self._receive = trio.open_memory_channel[list[Message]](1)
        self._open: list[Message] | None = None
        self._left: list[Message] = []

    def post(self, message: Message) -> None:
        """Add a message for the actor's next batch."""
        if self._open is None:
            self._open = [message]
            self._backlog.mailboxes += 1
            self._send.send_nowait(self._open)
        else:
            self._open.append(message)

    @property
    def is_empty(self) -> bool:
        """Nothing is waiting."""
        return self._open is None and not self._left

    async def wait(self) -> None:
        """Return when there is something to take."""
        if self._left:
            await trio.lowlevel.checkpoint()
        else:
            batch = await self._receive.receive()
            self._open = None
            self._backlog.mailboxes -= 1
            self._left = batch

    def take(self) -> list[Message]:
        """Everything that waits, oldest first."""
        batch, self._left = self._left, []
        if self._open is not None:
            batch += self._receive.receive_nowait()
            self._open = None
            self._backlog.mailboxes -= 1
        return batch

    def put_back(self, rest: list[Message]) -> None:
        """What the step had no room for; it is first in the next batch."""
        self._left = rest + self._left

    def posted(self, kind: type[T]) -> list[T]:
        """Messages of one kind that wait."""
        waiting = self._left + (self._open or [])
        return [message for message in waiting if isinstance(message, kind)]

    def sift(self, keep: Callable[[Message], bool]) -> None:
        """Let go of what waits and is not to be kept."""
        self._left = [message for message in self._left if keep(message)]
        if self._open is not None:  # the channel has this very list
            self._open[:] = [message for message in self._open if keep(message)]


class Call:
    """The reply address of `execute`: one answer, waited for by one task."""

    def __init__(self) -> None:
        self.is_answered = False
        """Whether the answer is there."""
        self.reply: Reply = INTERNAL
        self._waiting: trio.lowlevel.Task | None = None

    def send(self, reply: Reply) -> None:
        """Hand the answer over."""
        if not self.is_answered:
            self.is_answered = True
            self.reply = reply
            if self._waiting is not None:
                trio.lowlevel.reschedule(self._waiting)
                self._waiting = None

    async def wait(self) -> Reply:
        """The answer. An event would do, and be made and set at several times the cost."""
        if self.is_answered:
            await trio.lowlevel.checkpoint()
        else:
            self._waiting = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._wait_no_more)
        return self.reply

    def _wait_no_more(self, raise_cancel: object) -> trio.lowlevel.Abort:
        del raise_cancel
        self._waiting = None
        return trio.lowlevel.Abort.SUCCEEDED


class Nobody:
    """An address where answers end that nobody waits for."""

    def send(self, reply: Reply) -> None:
        """Drop it."""
