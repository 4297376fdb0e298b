"""A reserve over several queues: asked of many, answered once."""

import pytest
import trio
from trio.testing import MockClock

from engine.access import caller
from engine.commands import (
    Done,
    Publish,
    ReserveAny,
)
from engine.job import JobState
from engine.replies import OK, Code, Granted, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    ADA,
    GROUP,
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
from tests.support.many_queues import ALL, make, wait_for_any
from tests.support.stores import GatedStore

EMPTY = Granted(())


async def test_the_first_queue_named_that_has_a_job(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        jobs = {queue: await publish(engine, queue) for queue in "abc"}
        for order, first in (("cab", "c"), ("ba", "b"), ("cba", "a")):
            reply = await ask(engine, ReserveAny(tuple(order)))
            assert [found.id for found in reply.jobs] == [jobs[first]]


async def test_a_queue_without_a_fit_job_is_passed_over(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, "a", kind="other")
        wanted = [await publish(engine, "b") for _ in range(3)]
        reply = await ask(engine, ReserveAny(ALL, ("t",), limit=2, wait=30.0))
        assert [found.id for found in reply.jobs] == wanted[:2]
        assert trio.current_time() == 0.0


async def test_nothing_anywhere_and_no_wait_is_empty_at_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, ReserveAny(ALL)) == EMPTY
        assert trio.current_time() == 0.0


@pytest.mark.parametrize("turns", range(12))
async def test_a_job_that_comes_while_the_queues_are_asked(
    autojump_clock: MockClock, turns: int
) -> None:
    async with memory_engine() as engine:
        await make(engine, *ALL)
        box, told = wait_for_any(engine), Box()
        for _ in range(turns):
            await trio.lowlevel.checkpoint()
        for queue in ALL:
            engine.submit(WHO, Publish(queue, "t", b""), told)
        await box.wait_for(1)
        assert len(box.only.jobs) == 1
        assert trio.current_time() == 0.0
        taken = [job for queue in ALL for job in await reserve(engine, queue, types=("t",))]
        assert len(taken) == len(ALL) - 1


async def test_else_whichever_has_one_first(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine)
        await trio.sleep(1)
        first = await publish(engine, "c")
        second = await publish(engine, "a")
        await box.wait_for(1)
        assert [found.id for found in box.only.jobs] == [first]
        await trio.sleep(100)
        assert len(box.got) == 1
        assert await state_of(engine, second) is JobState.READY


async def test_a_wait_that_ends_is_empty_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine, 30.0)
        await trio.sleep(29.9)
        assert box.got == []
        await trio.sleep(0.2)
        assert box.got == [EMPTY]
        job = await publish(engine, "b")
        await trio.sleep(100)
        assert box.got == [EMPTY]
        assert await state_of(engine, job) is JobState.READY


async def test_of_several_who_wait_each_gets_one(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        boxes = [wait_for_any(engine) for _ in range(3)]
        await settle()
        jobs = [await publish(engine, queue) for queue in "cba"]
        assert [box.only.jobs[0].id for box in boxes] == jobs


async def test_a_cancelled_wait_takes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with trio.move_on_after(1):
            await engine.execute(WHO, ReserveAny(ALL, wait=30.0))
        jobs = [await publish(engine, queue) for queue in ALL]
        await settle()
        for job in jobs:
            found = await look(engine, job)
            assert (found.state, found.more.releases) == (JobState.READY, 0)


@pytest.mark.parametrize("wait", [0.0, 30.0])
async def test_a_grant_that_crosses_the_cancellation_is_a_release(
    autojump_clock: MockClock, wait: float
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await make(engine, *ALL)
        job = await publish(engine, "b")
        async with store.closed():
            with trio.move_on_after(1) as scope:
                await engine.execute(WHO, ReserveAny(ALL, ("t",), wait=wait))
            assert scope.cancelled_caught
            await settle()
        await settle(200)
        (found,) = await reserve(engine, "b", types=("t",))
        assert (found.id, found.attempts) == (job, 1)
        assert (found.more.releases, found.more.disconnects) == (1, 0)


async def test_a_connection_that_goes_while_queues_are_asked_gets_nothing(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        worker = Worker()
        job = await publish(engine, "c")
        async with store.closed():
            box = wait_for_any(engine, 0.0, worker)  # makes queue a, which waits for the disk
            await settle()
            engine.gone(worker)
            await settle()
        await trio.sleep(1)
        assert len(box.got) <= 1
        assert await state_of(engine, job) is JobState.READY


async def test_a_connection_that_goes_while_it_waits_gets_nothing(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        wait_for_any(engine, 30.0, worker)
        await settle()
        engine.gone(worker)
        job = await publish(engine, "b")
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.disconnects) == (JobState.READY, 0)


async def test_nothing_is_remembered_of_who_left_while_it_waited(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        workers = [Worker() for _ in range(3)]
        for worker in workers:
            wait_for_any(engine, 30.0, worker)
        await settle()
        engine.gone(workers[0])
        with trio.move_on_after(1):
            await engine.execute(WHO, ReserveAny(ALL, wait=30.0))
        await publish(engine, "b")
        await trio.sleep(100)
        assert engine.chains == {}


async def test_a_stop_answers_who_waits_in_many_queues_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine)
        await settle()
    assert box.got == [EMPTY]


async def test_what_a_connection_took_from_several_queues_it_ends(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine, "c")
        box = wait_for_any(engine, 0.0, worker)
        await box.wait_for(1)
        assert await ask(engine, Done(job), caller(ADA, GROUP)) == Refused(Code.RESERVATION_LOST)
        assert await ask(engine, Done(job), worker.who) == OK
