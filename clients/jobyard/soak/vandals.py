"""Who behaves badly at every door: garbage, halves, endless lines, no reading, no goodbye."""

from collections.abc import Callable
from random import Random
from typing import Final

import trio

from jobyard.resp import request
from jobyard.soak.dice import dice_of
from jobyard.soak.doors import PASSWORD
from jobyard.soak.house import GROUP, QUEUES, USER, House
from jobyard.soak.pipe import Pipe
from jobyard.soak.story import Story
from jobyard.soak.wire import Wire

RESTS: Final = 1.5
STAYS: Final = 1.0
"""Seconds between two visits and of one, on average."""
SMALL: Final = 512
"""Bytes that one who hardly reads lets come at once."""
LOGIN: Final = request([b"HELLO", b"3", b"AUTH", USER.name.encode(), PASSWORD.encode()])
GROUPED: Final = request([b"USE_GROUP", GROUP.encode()])
LISTING: Final = [request([b"LIST", queue.encode()]) for queue in QUEUES]
BY_RPC: Final = (
    '{"jsonrpc":"2.0","id":1,"method":"login","params":'
    f'["{USER.name}","{PASSWORD}","{GROUP}"]}}\n'
    '{"jsonrpc":"2.0","id":2,"method":"ENQUEUE","params":["work","kind","half'
).encode()
HEAD: Final = b"POST /api/v2/queues/work/jobs HTTP/1.1\r\nhost: 127.0.0.1\r\n"

SAID: Final[tuple[bytes, ...]] = (
    b"*1\r\n$999999999999\r\n",
    b"*" + b"9" * 5_000 + b"\r\n",
    b"PUBLISH work kind half",
    b"AUTH \xff\xfe\x00 '\n" * 50,
    b"x" * 100_000,
    LOGIN + GROUPED + request([b"ENQUEUE", b"work", b"kind", b"half"])[:-3],
    LOGIN + GROUPED + b"".join(LISTING) * 40,
    LOGIN + GROUPED + request([b"SUBSCRIBE_PUSH", b"work", b"CREDIT", b"3"]),
    LOGIN + GROUPED + request([b"RESERVE", b"mail", b"WAIT", b"5"]),
    b"[" * 100_000,
    b'{"jsonrpc":"2.0","id":1e999,"method":"\\ud800"}\n',
    BY_RPC,
    HEAD + b"content-length: 400\r\n\r\n" + b'{"type":"kind","payload":"half',
    HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    HEAD + b"x: " + b"y" * 40_000,
    b"GET / HTTP/1.0\nhost: elsewhere\n\n",
)
"""None of it makes a job, whole or in part."""


class Vandal:
    """Comes, says something that it should not, stays a while, and is gone."""

    def __init__(self, house: House, story: Story, seed: int) -> None:
        self._house = house
        self._story = story
        self._seed = seed
        self._dice = dice_of(seed, "vandal")

    async def run(self) -> None:
        """Go on until it is calm."""
        while not self._story.calm:
            await trio.sleep(self._dice.expovariate(1 / RESTS))
            await self._visit()

    async def _visit(self) -> None:
        dice, name = self._dice, self._story.name("vandal")
        door = dice.choice(("lines", "http", "rpc"))
        make: Callable[..., Wire] = Wire if door == "lines" else Pipe
        wire = make(name, dice_of(self._seed, name), _ignore, lambda: self._story.lost(name))
        if dice.random() < 0.5:
            wire.window = SMALL
        while not self._enter(wire, door):
            await self._house.running()
        if dice.random() < 0.3:
            wire.down.held_until = trio.current_time() + dice.uniform(0.0, 4 * STAYS)
        wire.up.put(self._garbage(dice))
        await trio.sleep(dice.expovariate(1 / STAYS))
        wire.cut()

    def _enter(self, wire: Wire, door: str) -> bool:
        if isinstance(wire, Pipe):
            return self._house.enter(wire, door)
        return self._house.connect(wire)

    def _garbage(self, dice: Random) -> bytes:
        if dice.random() < 0.2:
            return dice.randbytes(dice.randrange(1, 3_000))
        said = dice.choice(SAID)
        return said[: dice.randrange(1, len(said) + 1)] if dice.random() < 0.3 else said


def _ignore(part: bytes, sent: float) -> None:
    """Nobody listens."""
