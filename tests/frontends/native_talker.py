"""A native client of a real engine in virtual time, without a socket."""

from typing import Any

import trio
from attrs import evolve

from engine.directory import Directory
from frontends.lines.session import Session
from tests.frontends.resp_reading import Error, Push, read_all
from tests.frontends.scripted import FakeDoor, array, lines

GROUP = "group1"


class Native:
    """One connection that speaks RESP 3."""

    def __init__(
        self, engine: Directory, address: str = "127.0.0.1:1", user: str = "user1", **settings: Any
    ) -> None:
        self.engine = engine
        door = FakeDoor()
        self.session = Session(
            door, engine, evolve(lines(), **settings), address,
            local=True, encrypted=False, now=engine.clock.now,
        )  # fmt: skip
        door.open.append(self.session)
        self.heard: list[Any] = []
        self.pushes: list[Any] = []
        if user:
            self.send("HELLO", "3", "AUTH", user, f"{user}-secret")
            self.hear()
            self.heard.clear()

    def send(self, *words: str | bytes) -> None:
        """Say it and wait for nothing."""
        raw = [word.encode() if isinstance(word, str) else word for word in words]
        self.session.receive(array(*raw))
        while not self.session.held and self.session.turn(64):
            pass

    def hear(self) -> None:
        for value in read_all(self.session.output()):
            if isinstance(value, Push):
                self.pushes.append(value.items)
            else:
                self.heard.append(value)

    async def ask(self, *words: str | bytes) -> Any:
        """Say it and wait for the answer."""
        self.send(*words)
        return await self.answer()

    async def answer(self) -> Any:
        """The next answer."""
        with trio.fail_after(1_000):
            while True:
                self.hear()
                if self.heard:
                    return self.heard.pop(0)
                await trio.sleep(0.001)

    async def refused(self, *words: str | bytes) -> str:
        """The code of the refusal."""
        answer = await self.ask(*words)
        assert isinstance(answer, Error), answer
        return answer.code

    async def settle(self) -> None:
        """Let everything happen that can without time."""
        for _ in range(50):
            await trio.lowlevel.checkpoint()
        self.hear()

    def close(self) -> None:
        self.session.closed()
