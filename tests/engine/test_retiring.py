"""The end of an actor: a queue without use retires, and a stop gives everything back."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import (
    Counts,
    Delete,
    DeleteQueue,
    Done,
    Fail,
    Pause,
    Publish,
    Reserve,
    SetRecurrence,
    Subscribe,
    Unsubscribe,
)
from engine.job import JobState
from engine.queue_state import QueueState
from engine.replies import OK, Code, Granted, Refused
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
from tests.support.faults import Planted
from tests.support.stores import GatedStore


@pytest.mark.parametrize("idle", [0.1, 0.3, 7.0, 3_600.0])
async def test_an_empty_queue_retires_after_its_time(
    autojump_clock: MockClock, idle: float
) -> None:
    store = GatedStore()
    async with memory_engine(store, idle=idle) as engine:
        job = await publish(engine)
        assert await ask(engine, Delete(job)) == OK
        await trio.sleep(idle * 0.99)
        assert [actor.name for actor in engine.actors()] == ["q"]
        await trio.sleep(idle * 0.02)
        assert engine.actors() == []
        assert await ask(engine, Counts("q")) == Refused(Code.UNKNOWN_QUEUE)
    async with memory_engine(store) as engine:
        assert engine.actors() == []


@pytest.mark.parametrize("what", ["job", "worker", "recurrence", "pause", "waiting"])
async def test_a_queue_with_something_to_own_or_somebody_to_serve_stays(
    autojump_clock: MockClock, what: str
) -> None:
    async with memory_engine(idle=10.0) as engine:
        worker = Worker()
        command = {
            "job": Publish("q", "t", b""),
            "worker": Subscribe("q"),
            "recurrence": SetRecurrence("q", "t", "@yearly"),
            "pause": Pause("q"),
            "waiting": Reserve("q", wait=500.0),
        }[what]
        engine.submit(worker.who, command, Box())
        await trio.sleep(100)
        assert [actor.name for actor in engine.actors()] == ["q"]
        engine.submit(worker.who, DeleteQueue("q"), Box())
        engine.gone(worker)
        await trio.sleep(11)
        assert engine.actors() == []


async def test_a_refused_first_command_leaves_no_queue(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        too_large = Publish("q", "t", bytes(2**20 + 1))
        assert (await ask(engine, too_large)).code is Code.PAYLOAD_TOO_LARGE
        await settle()
        assert engine.actors() == []
        assert await ask(engine, Counts("q")) == Refused(Code.UNKNOWN_QUEUE)


@pytest.mark.parametrize("early", [True, False])
async def test_a_message_that_crosses_the_retirement_is_not_lost(
    autojump_clock: MockClock, early: bool
) -> None:
    async with memory_engine(idle=10.0) as engine:
        job = await publish(engine)
        assert await ask(engine, Delete(job)) == OK
        (actor,) = engine.actors()
        box = Box()

        async def at_that_instant() -> None:
            await trio.sleep(10 - (1e-6 if early else 0.0))
            while not early and not actor.retired:
                await trio.lowlevel.checkpoint()
            engine.submit(WHO, Publish("q", "t", b""), box)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(at_that_instant)
        await box.wait_for(1)
        assert [found.id for found in await reserve(engine)] == [box.only.job]
        assert (actor in engine.actors()) is early


async def test_a_message_behind_a_full_batch_is_not_lost(autojump_clock: MockClock) -> None:
    async with memory_engine(batch=1) as engine:
        refused, box = Box(), Box()
        engine.submit(WHO, Publish("q", "t", bytes(2**20 + 1)), refused)
        while not refused.got:
            await trio.lowlevel.checkpoint()
        engine.tick()
        engine.submit(WHO, Publish("q", "t", b""), box)
        await box.wait_for(1)
        assert [found.id for found in await reserve(engine)] == [box.only.job]


async def test_a_retired_actor_collects_no_messages(autojump_clock: MockClock) -> None:
    async with memory_engine(idle=1.0) as engine:
        worker = Worker(single=True)
        for queue in ("gone", "q"):
            assert await ask(engine, Subscribe(queue), worker.who) == OK
        gone, _ = engine.actors()
        assert await ask(engine, Unsubscribe("gone"), worker.who) == OK
        await trio.sleep(2)
        assert gone.retired
        for _ in range(10):
            job = await publish(engine)
            assert await ask(engine, Done(job), worker.who) == OK
        engine.gone(worker)
        assert gone.mailbox.is_empty


async def test_a_retry_comes_at_its_time_to_the_microsecond(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        for number, delay in enumerate((0.001, 0.1, 1 / 3, 2.7182818, 59.999)):
            start = trio.current_time()
            assert await ask(engine, Fail(job, delay=delay), worker.who) == OK
            await worker.box.wait_for(number + 2)
            assert abs(trio.current_time() - start - delay) < 1e-6


async def test_stopping_gives_back_and_answers_and_keeps(autojump_clock: MockClock) -> None:
    store = GatedStore(delay=1.0)
    async with memory_engine(store) as engine:
        worker, parked, late = Worker(grace=10.0), Box(), Box()
        jobs = [await publish(engine) for _ in range(2)]
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        (by_call,) = await reserve(engine)
        assert await ask(engine, Subscribe("other"), worker.who) == OK
        engine.submit(WHO, Reserve("other", ("none",), wait=50.0), parked)
        engine.submit(WHO, Publish("q", "t", b"late"), late)
        started = trio.current_time()
    assert trio.current_time() - started < 5
    assert parked.got == [Granted(())]
    assert [type(reply).__name__ for reply in worker.box.got] == ["Pushed"]
    async with memory_engine(store) as engine:
        states = [await look(engine, job) for job in (*jobs, late.only.job)]
        assert [found.state for found in states] == [
            JobState.READY, JobState.RESERVED, JobState.READY,
        ]  # fmt: skip
        assert [found.more.releases for found in states] == [1, 0, 0]
        assert [found.more.disconnects for found in states] == [0, 0, 0]
        assert await ask(engine, Done(by_call.id, by_call.reservation)) == OK
        assert await state_of(engine, by_call.id) is JobState.DONE


async def test_a_stop_ends_though_a_queue_crashes_in_it(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_back(*_: object) -> None:
        raise Planted

    monkeypatch.setattr(QueueState, "give_back", give_back)
    box = Box()
    with capture_logs():
        async with memory_engine() as engine:
            engine.submit(WHO, Reserve("q", wait=50.0), box)
            await settle()
    assert box.got == [Refused(Code.INTERNAL)]
    assert trio.current_time() < 1
