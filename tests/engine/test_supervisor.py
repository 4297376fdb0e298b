"""A bug in one queue: what is lost, who is told, and who does not notice."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import (
    Counts,
    DeleteQueue,
    Done,
    Health,
    Publish,
    Purge,
    Reserve,
)
from engine.job import JobState
from engine.replies import OK, Code, Granted, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    WHO,
    Box,
    ask,
    look,
    publish,
    reserve,
    settle,
    state_of,
)
from tests.support.faults import crash, crash_anew, crash_once, plant
from tests.support.stores import GatedStore

INTERNAL = Refused(Code.INTERNAL)
FAILED = Refused(Code.QUEUE_FAILED)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    plant(monkeypatch)
    with capture_logs() as logs:
        yield logs


async def test_a_batch_that_crashes_never_happened(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        boxes = [Box() for _ in range(4)]
        for box, command in zip(
            boxes, (Publish("q", "t", b""), Reserve("q"), crash(), Counts("q")), strict=True
        ):
            engine.submit(WHO, command, box)
        for box in boxes:
            await box.wait_for(1)
        assert [box.got for box in boxes] == [[INTERNAL]] * 4
        found = await look(engine, job)
        assert (found.state, found.attempts) == (JobState.READY, 0)
        counts = await ask(engine, Counts("q"))
        assert sum(counts.states) == 1


async def test_who_waits_in_the_queue_is_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        parked = [Box() for _ in range(3)]
        for box in parked:
            engine.submit(WHO, Reserve("q", wait=50.0), box)
        await settle()
        assert await ask(engine, crash()) == INTERNAL
        assert [box.got for box in parked] == [[INTERNAL]] * 3
        await trio.sleep(100)
        assert [box.got for box in parked] == [[INTERNAL]] * 3


async def test_who_was_served_in_the_crashing_step_is_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        parked, box = Box(), Box()
        engine.submit(WHO, Reserve("q", wait=50.0), parked)
        await settle()
        engine.submit(WHO, Publish("q", "t", b""), box)
        assert await ask(engine, crash()) == INTERNAL
        await trio.sleep(100)
        assert (parked.got, box.got) == ([INTERNAL], [INTERNAL])


async def test_a_purge_that_ends_in_the_crashing_step_is_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        for _ in range(1_100):
            engine.submit(WHO, Publish("q", "t", b""), Box())
        await settle()
        box = Box()
        engine.submit(WHO, Purge("q"), box)
        assert await ask(engine, crash()) == INTERNAL
        await trio.sleep(1)
        assert box.got == [INTERNAL]


async def test_a_purge_under_way_is_told(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with memory_engine() as engine:
        for _ in range(5_000):
            engine.submit(WHO, Publish("q", "t", b""), Box())
        await settle()
        box = Box()
        engine.submit(WHO, Purge("q"), box)
        await settle(2)
        crash_once(monkeypatch, "q")
        await trio.sleep(1)
        assert box.got == [INTERNAL]
        left = sum((await ask(engine, Counts("q"))).states)
        assert left % 1_000 == 0
        assert 0 < left < 5_000


async def test_a_crash_of_time_tells_those_who_wait_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with memory_engine() as engine:
        parked = Box()
        await publish(engine)
        engine.submit(WHO, Reserve("q", ("other",), wait=50.0), parked)
        await settle()
        crash_once(monkeypatch, "q")
        await trio.sleep(100)
        assert parked.got == [INTERNAL]
        assert len(await reserve(engine)) == 1


async def test_what_was_acknowledged_is_there_and_goes_on(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        jobs = [await publish(engine, payload=bytes([n])) for n in range(5)]
        (held,) = await reserve(engine)
        assert await ask(engine, Done(held.id)) == OK
        (mine,) = await reserve(engine)
        assert await ask(engine, crash()) == INTERNAL
        states = [await state_of(engine, job) for job in jobs]
        assert states == [JobState.DONE, JobState.RESERVED, *[JobState.READY] * 3]
        assert await ask(engine, Done(mine.id, mine.reservation)) == OK
        assert [job.payload for job in await reserve(engine, limit=10)] == [
            b"\x02",
            b"\x03",
            b"\x04",
        ]


async def test_a_queue_deleted_in_the_crashing_batch_is_there(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        engine.submit(WHO, DeleteQueue("q"), Box())
        assert await ask(engine, crash_anew()) == INTERNAL
        assert await state_of(engine, job) is JobState.READY
        assert [found.id for found in await reserve(engine)] == [job]


async def test_other_queues_answer_meanwhile(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        for queue in ("q", "other"):
            await publish(engine, queue)
        store.load_gate = trio.Event()
        assert await ask(engine, crash()) == INTERNAL
        box = Box()
        engine.submit(WHO, Counts("q"), box)
        for _ in range(10):
            await publish(engine, "other")
        assert box.got == []
        store.load_gate.set()
        await box.wait_for(1)
        assert sum(box.only.states) == 1


async def test_the_sixth_crash_in_a_minute_closes_that_queue_alone(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish(engine, "other")
        await publish(engine)
        for _ in range(5):
            await trio.sleep(10)
            assert await ask(engine, crash()) == INTERNAL
        assert (await ask(engine, Health())).failed == ()
        boxes = [Box() for _ in range(3)]
        for box, command in zip(boxes, (crash(), Counts("q"), Counts("q")), strict=True):
            engine.submit(WHO, command, box)
        for box in boxes:
            await box.wait_for(1)
        assert [box.got for box in boxes] == [[INTERNAL]] * 3
        for command in (Counts("q"), Publish("q", "t", b""), crash()):
            assert await ask(engine, command) == FAILED
        health = await ask(engine, Health())
        assert health.failed == (("g", "q"),)
        await publish(engine, "other")
        assert len(await reserve(engine, "other", limit=5)) == 2


async def test_what_waits_for_a_queue_that_is_closed_is_refused(autojump_clock: MockClock) -> None:
    async with memory_engine(crashes=0) as engine:
        box, late = Box(), Box()
        engine.submit(WHO, Reserve("q", wait=50.0), box)
        await settle()
        assert await ask(engine, crash()) == INTERNAL
        engine.submit(WHO, Reserve("q", wait=50.0), late)
        await trio.sleep(100)
        assert (box.got, late.got) == ([INTERNAL], [FAILED])


async def test_each_crash_is_logged_with_its_queue(
    autojump_clock: MockClock, planted: list[MutableMapping[str, Any]]
) -> None:
    async with memory_engine(crashes=1) as engine:
        assert await ask(engine, Publish("q", "t", b"")) != INTERNAL
        for _ in range(2):
            assert await ask(engine, crash()) == INTERNAL
    assert [(entry["event"], entry["group"], entry["queue"]) for entry in planted] == [
        ("queue-crashed", "g", "q"),
        ("queue-crashed", "g", "q"),
        ("queue-failed", "g", "q"),
    ]


async def test_crashes_that_are_rare_are_forgiven(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        for _ in range(20):
            assert await ask(engine, crash()) == INTERNAL
            await trio.sleep(12.5)
        assert await state_of(engine, job) is JobState.READY


async def test_a_failed_queue_does_not_hold_up_the_stop(autojump_clock: MockClock) -> None:
    async with memory_engine(crashes=0) as engine:
        assert await ask(engine, Publish("q", "t", b"")) != INTERNAL
        assert await ask(engine, crash()) == INTERNAL
        parked = Box()
        engine.submit(WHO, Reserve("other", wait=50.0), parked)
        await settle()
    assert parked.got == [Granted(())]
    assert trio.current_time() == 0.0
