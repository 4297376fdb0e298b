"""Departures: what is on its way to somebody who leaves is given back, and counted for why."""

import trio
from trio.testing import MockClock

from engine.access import Caller
from engine.commands import (
    Publish,
    Reserve,
    Subscribe,
)
from engine.job import JobState
from engine.replies import OK
from engine.testing import memory_engine
from tests.support.desk import (
    WHO,
    Box,
    Worker,
    ask,
    look,
    publish,
    reserve,
    settle,
    state_of,
)
from tests.support.stores import GatedStore


async def test_a_push_that_crosses_a_closing_connection_is_a_disconnect(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        worker = Worker()
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        async with store.closed():
            box = Box()
            engine.submit(WHO, Publish("q", "t", b""), box)
            await trio.sleep(1)
            engine.gone(worker)
            await trio.sleep(1)
        await box.wait_for(1)
        await settle()
        found = await look(engine, box.only.job)
        assert (found.state, found.attempts) == (JobState.READY, 0)
        assert (found.more.disconnects, found.more.releases) == (1, 0)


async def test_a_grant_that_crosses_a_cancelled_call_is_a_release(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        job = await publish(engine)
        async with store.closed():
            with trio.move_on_after(1):
                await engine.execute(WHO, Reserve("q"))
            await settle()
        await settle()
        found = await look(engine, job)
        assert (found.state, found.attempts) == (JobState.READY, 0)
        assert (found.more.disconnects, found.more.releases) == (0, 1)


async def test_a_call_cancelled_while_it_waits_takes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, kind="other")
        with trio.move_on_after(1):
            await engine.execute(WHO, Reserve("q", ("t",), wait=50.0))
        job = await publish(engine)
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.releases) == (JobState.READY, 0)


async def test_a_call_cancelled_in_the_breath_of_its_grant_gives_back(
    autojump_clock: MockClock,
) -> None:
    class Canceller:
        def __init__(self) -> None:
            self.scope = trio.CancelScope()

        def send(self, reply: object) -> None:
            self.scope.cancel()

    async with memory_engine() as engine, trio.open_nursery() as nursery:
        canceller = Canceller()

        async def wait(who: Caller) -> None:
            with canceller.scope:
                await engine.execute(who, Reserve("q", wait=50.0))

        nursery.start_soon(wait, WHO)
        await settle()
        engine.submit(WHO, Publish("q", "t", b""), canceller)
        await settle()
        assert canceller.scope.cancelled_caught
        (taken,) = await reserve(engine)
        assert taken.attempts == 1
        assert taken.more.releases == 1


async def test_a_call_takes_nothing_back_that_was_granted_to_another(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        first, _ = [await publish(engine) for _ in range(2)]
        async with store.closed():
            box = Box()
            engine.submit(WHO, Reserve("q"), box)
            await settle()
            engine.submit(WHO, Reserve("q"), Box())
            await settle()
            store.open()
            while not box.got:
                await trio.lowlevel.checkpoint()
            store.shut()
            del box
            strangers = [Box() for _ in range(2_000)]  # one may stand where that box stood
            for stranger in strangers:
                engine.forget("g", "q", stranger)
            await settle()
        assert await state_of(engine, first) is JobState.RESERVED


async def test_a_call_of_a_connection_can_be_given_up_alone(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker, other = Worker(), Box()
        with trio.move_on_after(1):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(engine.execute, worker.who, Reserve("q", wait=50.0))
                await settle()
                engine.submit(worker.who, Reserve("q", wait=50.0), other)
                await trio.sleep_forever()
        job = await publish(engine)
        await other.wait_for(1)
        assert [found.id for found in other.only.jobs] == [job]
