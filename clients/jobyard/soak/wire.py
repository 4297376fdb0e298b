"""A connection without a socket: bytes arrive late, in other pieces, or not at all."""

import random
from collections import deque
from collections.abc import Callable
from typing import Final

import trio

from frontends.tcp.connection import Connection, Conversation
from frontends.tcp.scheduler import Scheduler

LATENCY: Final = 0.001
SPLITS: Final = 0.3
"""How often what was sent at once arrives in two pieces."""

Deliver = Callable[[bytes, float], None]
"""Bytes, and when they were sent."""


class Lane:
    """One direction: everything in order, nothing twice."""

    def __init__(self, dice: random.Random, deliver: Deliver) -> None:
        self.held_until = 0.0
        self._dice = dice
        self._deliver = deliver
        self._parts: deque[tuple[bytes, float]] = deque()
        self._bell = trio.Event()

    def put(self, part: bytes) -> None:
        """Send it now."""
        self._parts.append((part, trio.current_time()))
        self._bell.set()

    async def run(self, may_deliver: Callable[[], bool] = lambda: True) -> None:
        """Bring everything to the other side until cancelled."""
        while True:
            while not (self._parts and may_deliver()):
                self._bell = trio.Event()
                await self._bell.wait()
            part, sent = self._parts.popleft()
            if len(part) > 1 and self._dice.random() < SPLITS:
                at = self._dice.randrange(1, len(part))
                self._parts.appendleft((part[at:], sent))
                part = part[:at]
            await trio.sleep(self._dice.expovariate(1 / LATENCY))
            if self.held_until > trio.current_time():
                await trio.sleep_until(self.held_until)
            self._deliver(part, sent)

    def ring(self) -> None:
        """Look again whether anything may be delivered."""
        self._bell.set()


class Wire:
    """Both directions of one connection, and its end."""

    def __init__(
        self, name: str, dice: random.Random, hear: Deliver, lost: Callable[[], None]
    ) -> None:
        """`hear` gets what the server says; `lost` is called once, when there is no more."""
        self.name = name
        self.broken = False
        self.up = Lane(dice, self._arrive)
        self.down = Lane(dice, hear)
        self._lost = lost
        self._scope = trio.CancelScope()
        self._end: ServerEnd

    def connect(self, scheduler: Scheduler, session: Conversation) -> None:
        """Put the server's end into its loop."""
        self._end = ServerEnd(session, self)
        self._scheduler = scheduler
        scheduler.add(self._end)

    async def run(self) -> None:
        """Carry bytes until it breaks."""
        with self._scope:
            async with trio.open_nursery() as lanes:
                lanes.start_soon(self.up.run, self._may_read)
                lanes.start_soon(self.down.run)

    def hold(self, until: float) -> None:
        """Nothing arrives before, in either direction."""
        self.up.held_until = self.down.held_until = until

    def cut(self) -> None:
        """Break it on the client's side; the server hears of it by `drop`."""
        if not self.broken:
            self.broken = True
            self._scope.cancel()
            self._lost()

    def drop(self) -> None:
        """Break it on the server's side."""
        self.cut()
        self._scheduler.drop(self._end)

    def _may_read(self) -> bool:
        return not self._scheduler.load.blocked and self._scheduler.may_read(self._end)

    def _arrive(self, part: bytes, _: float) -> None:
        self._scheduler.received(self._end, part)
        self._scheduler.load.wake()


class ServerEnd(Connection):
    """What the server's loop sees of a wire."""

    __slots__ = ("_wire",)

    def __init__(self, session: Conversation, wire: Wire) -> None:
        super().__init__(session)
        self._wire = wire

    def send(self, data: bytes) -> int:
        """Everything is taken at once; what is sent to a broken wire is gone."""
        if not self._wire.broken:
            self._wire.down.put(data)
        return 0

    def resume(self) -> None:
        """The server reads again."""
        self._wire.up.ring()

    def close(self) -> None:
        """The server hangs up."""
        self._wire.cut()
