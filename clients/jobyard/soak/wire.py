"""A connection without a socket: bytes arrive late, in other pieces, or not at all."""

import random
from collections import deque
from collections.abc import Callable
from typing import Final

import trio

from frontends.tcp.connection import Connection, Conversation
from frontends.tcp.scheduler import Scheduler
from jobyard.soak.scheduling import sleep

LATENCY: Final = 0.001
SPLITS: Final = 0.3
"""How often what was sent at once arrives in two pieces."""

ENDLESS: Final = 1 << 40

Deliver = Callable[[bytes, float], None]
"""Bytes, and when they were sent."""


def _nobody() -> None:
    pass


class Lane:
    """One direction: everything in order, nothing twice."""

    def __init__(self, dice: random.Random, deliver: Deliver) -> None:
        self.held_until = 0.0
        self.waiting = 0
        """Bytes that were sent and have not arrived."""
        self.on_room: Callable[[], None] = _nobody
        """Called when something arrived."""
        self._dice = dice
        self._deliver = deliver
        self._parts: deque[tuple[bytes, float]] = deque()
        self._bell = trio.Event()

    def put(self, part: bytes) -> None:
        """Send it now."""
        self.waiting += len(part)
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
            await sleep(self._dice.expovariate(1 / LATENCY))
            if self.held_until > trio.current_time():
                await trio.sleep_until(self.held_until)
            self.waiting -= len(part)
            self._deliver(part, sent)
            self.on_room()

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
        self.window = ENDLESS
        """Bytes that are under way to the client at most; more stays with the server."""
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

    def sent(self, end: "ServerEnd", size: int) -> None:
        """Some of what was unsent is on its way."""
        self._scheduler.sent(end, size)
        self._scheduler.load.wake()

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
        wire.down.on_room = self._go_on

    def send(self, data: bytes) -> int:
        """Taken as long as there is room on the way; what is sent to a broken wire is gone."""
        if self._wire.broken:
            return 0
        if self.unsent is not None:
            self.unsent += data
            return len(data)
        room = max(0, self._wire.window - self._wire.down.waiting)
        if room:
            self._wire.down.put(data[:room])
        if len(data) <= room:
            return 0
        self.unsent = bytearray(data[room:])
        return len(self.unsent)

    def _go_on(self) -> None:
        """There is room for more of what is unsent."""
        unsent, room = self.unsent, self._wire.window - self._wire.down.waiting
        if unsent and room > 0:
            part = bytes(unsent[:room])
            del unsent[:room]
            self._wire.down.put(part)
            self._wire.sent(self, len(part))

    def resume(self) -> None:
        """The server reads again."""
        self._wire.up.ring()

    def close(self) -> None:
        """The server hangs up."""
        self._wire.cut()
