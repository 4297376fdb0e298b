"""The shell round a queue: what waits together is one step, what is too much goes in slices."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import (
    Counts,
    Get,
    KickAll,
    NewJob,
    Publish,
    PublishMany,
    PublishOptions,
    Purge,
    Subscribe,
)
from engine.directory import Directory
from engine.job import JobState
from engine.queue_state import MOST_CHANGES
from engine.replies import OK, Code, PublishedMany, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    WHO,
    Box,
    Worker,
    ask,
    publish,
    settle,
)
from tests.support.steps import watched
from tests.support.stores import GatedStore


async def publish_many(engine: Directory, count: int, delay: float = 0.0) -> None:
    options = PublishOptions(delay=delay)
    for _ in range(count // 1_000):
        reply = await ask(
            engine, PublishMany("q", tuple(NewJob("t", b"", options) for _ in range(1_000)))
        )
        assert isinstance(reply, PublishedMany)


async def test_what_waits_together_is_one_step(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        boxes = [Box() for _ in range(500)]
        flushes: list[int] = []
        engine.committer.flushers.append(lambda: flushes.append(sum(len(b.got) for b in boxes)))
        with watched(engine) as seen:
            for box in boxes:
                engine.submit(WHO, Publish("q", "t", b""), box)
            await boxes[-1].wait_for(1)
        assert seen.steps == [("q", 500, 500)]
        assert flushes == [500]


@pytest.mark.parametrize("first", [0, 1, 999])
async def test_bulks_side_by_side_stay_within_the_bound_of_a_step(
    autojump_clock: MockClock, first: int
) -> None:
    bulk = PublishMany("q", tuple(NewJob("t", b"") for _ in range(1_000)))
    async with memory_engine() as engine:
        boxes = [Box() for _ in range(first + 2)]
        with watched(engine) as seen:
            for box in boxes[:first]:
                engine.submit(WHO, Publish("q", "t", b""), box)
            for box in boxes[first:]:
                engine.submit(WHO, bulk, box)
            for box in boxes:
                await box.wait_for(1)
        assert sum(seen.sizes("q")) == first + 2_000
        assert max(seen.sizes("q")) <= MOST_CHANGES


async def test_a_purge_goes_in_slices_and_others_are_served_in_between(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 10_000)
        await publish(engine, "other")
        box = Box()
        with watched(engine) as seen:
            engine.submit(WHO, Purge("q"), box)
            for _ in range(3):
                await ask(engine, Counts("other"))
                assert box.got == []
            await box.wait_for(1)
        assert box.got == [OK]
        assert seen.sizes("q") == [MOST_CHANGES] * 10
        assert (await ask(engine, Counts("q"))).states == (0,) * 7


async def test_what_is_asked_during_a_purge_is_answered_after_it(
    autojump_clock: MockClock,
) -> None:
    log: list[tuple[str, object]] = []
    async with memory_engine() as engine:
        await publish_many(engine, 5_000)
        boxes = [Box(name, log) for name in ("purge", "publish", "counts")]
        for box, command in zip(
            boxes, (Purge("q"), Publish("q", "t", b""), Counts("q")), strict=True
        ):
            engine.submit(WHO, command, box)
        await boxes[-1].wait_for(1)
        assert [name for name, _ in log] == ["purge", "publish", "counts"]
        assert sum(boxes[2].only.states) == 1


async def test_twenty_thousand_alarms_at_once_go_in_slices(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 20_000, delay=10.0)
        await publish(engine, "other")
        await trio.sleep(9.999)
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 0
        with watched(engine) as seen:
            await trio.sleep(0.001)
            for _ in range(5):
                await ask(engine, Counts("other"))
            assert 0 < len(seen.sizes("q")) < 20
            await settle()
        assert seen.sizes("q") == [MOST_CHANGES] * 20
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 20_000
        assert trio.current_time() == 10.0


async def test_what_is_asked_while_alarms_are_due_keeps_to_the_bound(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 3_000, delay=10.0)
        await trio.sleep(9.5)
        box = Box()
        with watched(engine) as seen:
            await trio.sleep(0.5)
            engine.submit(WHO, PublishMany("q", (NewJob("t", b""),) * 1_000), box)
            await box.wait_for(1)
            await settle()
        assert sum(seen.sizes("q")) == 4_000
        assert max(seen.sizes("q")) <= MOST_CHANGES


async def test_many_connections_are_kicked_within_the_bound(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        workers = [Worker(f"host:{n}") for n in range(3)]
        await publish_many(engine, 3_000)
        for worker in workers:
            assert await ask(engine, Subscribe("q", credit=1_000), worker.who) == OK
        with watched(engine) as seen:
            assert await ask(engine, KickAll("q")) == OK
            await settle()
        assert sum(seen.sizes("q")) == 3_000
        assert max(seen.sizes("q")) <= MOST_CHANGES
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 3_000


async def test_a_push_comes_after_the_answer_that_brought_it(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        worker = Worker()
        answers = Box("answer", worker.box.log)
        engine.submit(worker.who, Subscribe("q"), answers)
        engine.submit(worker.who, Counts("q"), answers)
        await worker.box.wait_for(1)
        kinds = [type(reply).__name__ for _, reply in worker.box.log]
        assert kinds.index("Ok") < kinds.index("Pushed")
        assert sorted(kinds) == ["Ok", "Pushed", "QueueCounts"]


async def test_a_read_sees_what_was_asked_before_it_and_waits_for_it(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await publish(engine)
        async with store.closed():
            wrote, read, other = Box(), Box(), Box()
            engine.submit(WHO, Publish("q", "t", b""), wrote)
            await settle()
            engine.submit(WHO, Counts("q"), read)
            engine.submit(WHO, Get("nobody"), other)
            await trio.sleep(1)
            assert (wrote.got, read.got, other.got) == ([], [], [])
        await other.wait_for(1)
        assert read.only.states[JobState.READY] == 2
        assert other.only == Refused(Code.UNKNOWN_JOB)


async def test_while_the_disk_stalls_nothing_more_is_taken(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store, stall=5.0) as engine:
        async with store.closed():
            first, second, third = Box(), Box(), Box()
            engine.submit(WHO, Publish("q", "t", b""), first)
            await trio.sleep(4)
            engine.submit(WHO, Publish("q", "t", b""), second)
            await trio.sleep(2)
            with watched(engine) as seen:
                engine.submit(WHO, Publish("q", "t", b""), third)
                await trio.sleep(10)
                assert seen.steps == []
        await third.wait_for(1)
        assert (len(first.got), len(second.got)) == (1, 1)
