"""A push leaves after the last slot that has its answer, never at the tail."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Reserve, Subscribe
from engine.replies import Pushed
from engine.testing import memory_engine
from frontends.dialects.answers import Said
from frontends.lines.outbox import LINE, Outbox, Slot
from tests.frontends.scripted import lines
from tests.support.desk import Worker, publish, settle


class Connection(Worker):
    """A connection of the line protocol: what it is asked and pushed shares one outbox."""

    def __init__(self) -> None:
        super().__init__("host:1", single=True)
        self.outbox = Outbox(lines().terms, lambda: None)

    def send(self, reply: object) -> None:
        if isinstance(reply, Pushed):
            self.outbox.push(reply.job)


class Answer:
    """Puts whatever the engine says into a slot as one word."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot

    def send(self, reply: object) -> None:
        self.slot.send(Said(type(reply).__name__.encode()))


async def heard() -> list[bytes]:
    """What a connection hears that subscribes, and asks for something that must wait."""
    async with memory_engine() as engine:
        connection = Connection()
        outbox = connection.outbox
        for command in (Subscribe("q"), Reserve("slow", wait=500.0)):
            engine.submit(connection.who, command, Answer(outbox.reserve(LINE, 1)))
        await settle()
        told = [outbox.take()]
        await publish(engine, payload=b"{}")
        await trio.sleep(1)
        told.append(outbox.take())
        return told


async def test_a_command_that_waits_keeps_no_push_back(autojump_clock: MockClock) -> None:
    subscribed, pushed = await heard()
    assert subscribed == b"Ok\n"
    assert pushed.startswith(b'{"Job":')


async def test_at_the_tail_it_is_kept_back(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = Outbox.push

    def at_the_tail(self: Outbox, job: object) -> None:
        self._latest = self.slots[-1]
        push(self, job)  # type: ignore[arg-type]  # it is passed on

    monkeypatch.setattr(Outbox, "push", at_the_tail)
    assert await heard() == [b"Ok\n", b""]
