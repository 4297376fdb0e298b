"""One connection of a client, native or by lines; everything it hears has the time it was said."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

import trio
from attrs import frozen

from jobyard.resp import Failure, Push, Reader, request
from jobyard.soak.dice import dice_of
from jobyard.soak.house import GROUP, USER, House
from jobyard.soak.wire import Wire

RETRY = 0.1
"""Seconds after which a client looks for the server again."""


class CutOff(Exception):
    """The connection ended."""


@frozen
class Heard:
    """What the server said, and when."""

    value: Any
    at: float

    @property
    def ok(self) -> bool:
        """Whether it is no refusal."""
        return not self.refusal

    @property
    def refusal(self) -> str:
        """The code; empty: it is no refusal."""
        if isinstance(self.value, Failure):
            return self.value.text.split(" ")[1]
        said = isinstance(self.value, str) and self.value.startswith("Err: ")
        return self.value.removeprefix("Err: ") if said else ""


class Client:
    """One unanswered command at a time; pushes are kept until somebody asks for them."""

    def __init__(
        self,
        house: House,
        name: str,
        seed: int,
        lost: Callable[[str], None],
        *,
        native: bool,
        user: str = USER.name,
    ) -> None:
        self.name = name
        self.native = native
        self.wire = Wire(name, dice_of(seed, name), self._hear, self._end)
        self._house = house
        self._lost = lost
        self._user = user
        self._answers: deque[Heard] = deque()
        self._pushes: deque[Heard] = deque()
        self._reader = Reader()
        self._rest = b""
        self._bell = trio.Event()

    async def open(self) -> None:
        """Come in, as soon as there is a server.

        Raises:
            CutOff: it did not last that long.
        """
        while not self._house.connect(self.wire):
            await self._house.running()
        hello = (
            ("HELLO", "3", "AUTH", self._user, "-") if self.native else ("AUTH", self._user, "-")
        )
        for words in (hello, ("USE_GROUP", GROUP)):
            if not (await self.ask(*words)).ok:
                self.close()
                raise CutOff

    async def ask(self, *words: str) -> Heard:
        """Say it and wait for the answer."""
        if self.wire.broken:
            raise CutOff
        line = " ".join(words).encode() + b"\n"
        self.wire.up.put(request(word.encode() for word in words) if self.native else line)
        return await self._next(self._answers)

    async def pushed(self) -> Heard:
        """The next job, as the dialect shows it."""
        return await self._next(self._pushes)

    def close(self) -> None:
        """Leave without a word."""
        self.wire.cut()

    async def _next(self, waiting: deque[Heard]) -> Heard:
        while not waiting:
            if self.wire.broken:
                raise CutOff
            self._bell = trio.Event()
            await self._bell.wait()
        return waiting.popleft()

    def _end(self) -> None:
        self._lost(self.name)
        self._bell.set()

    def _hear(self, part: bytes, sent: float) -> None:
        for value in self._reader.feed(part) if self.native else self._lines(part):
            if isinstance(value, Push):
                if value.items[0] == b"job":
                    self._pushes.append(Heard(value.items[1], sent))
            elif isinstance(value, str) and value.startswith('{"Job":'):
                self._pushes.append(Heard(json.loads(value)["Job"], sent))
            else:
                self._answers.append(Heard(value, sent))
        self._bell.set()

    def _lines(self, part: bytes) -> list[str]:
        *lines, self._rest = (self._rest + part).split(b"\n")
        return [line.decode() for line in lines]
