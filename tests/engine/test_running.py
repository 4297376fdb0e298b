"""A whole engine: started on what is there, stopped in order, ended by what cannot go on."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from engine.commands import (
    Counts,
    Delete,
    DeleteQueue,
    Done,
    Get,
    Health,
    Pause,
    Publish,
    PublishOptions,
    Reserve,
    SetRecurrence,
    Subscribe,
)
from engine.directory import EngineSettings, run_engine
from engine.job import JobState
from engine.replies import OK, Code, Published, Refused
from engine.source import seeded_source
from engine.store.memory import MemoryStore
from engine.store.open import open_store
from engine.store.options import Options
from engine.store.protocol import Store, StoreBroken, StoreInUse
from engine.testing import memory_engine, virtual_clock
from tests.support.desk import WHO, Box, Worker, ask, look, publish, reserve, settle, state_of
from tests.support.stores import GatedStore

SMALL = Options(reserve=0, low_water=0, log=0)
FULL = Refused(Code.STORAGE_FULL)


async def test_a_second_engine_on_a_store_is_refused(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store):
        with pytest.raises(StoreInUse):
            async with run_engine(store, source=seeded_source(1)):
                pass
    async with memory_engine(store) as engine:
        await publish(engine)


async def test_a_restart_brings_back_what_was(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        ready = await publish(engine, payload=b"\x00one")
        held = (await reserve(engine))[0]
        delayed = await ask(engine, Publish("q", "t", b"", PublishOptions(delay=100.0)))
        done = await publish(engine, "p")
        (mine,) = await reserve(engine, "p")
        assert await ask(engine, Done(mine.id)) == OK
        await ask(engine, SetRecurrence("r", "t", "@every 50s"))
        await ask(engine, Pause("s"))
        counts = [(await ask(engine, Counts(queue))).states for queue in "qprs"]
    async with memory_engine(store) as engine:
        assert [(await ask(engine, Counts(queue))).states for queue in "qprs"] == counts
        assert (await ask(engine, Counts("s"))).paused
        assert (await ask(engine, Health())).queues == 4
        assert await state_of(engine, done) is JobState.DONE
        assert await ask(engine, Done(held.id, held.reservation)) == OK
        assert held.id == ready
        await trio.sleep(99.9)
        assert await state_of(engine, delayed.job) is JobState.SCHEDULED
        await trio.sleep(0.2)
        assert await state_of(engine, delayed.job) is JobState.READY
        assert len(await reserve(engine, "r", limit=10)) == 2


async def test_numbers_are_never_given_twice_over_restarts(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    seqs, reservations = list[int](), list[str | None]()
    for boot in range(3):
        async with memory_engine(store, seed=boot) as engine:
            for _ in range(3):
                await publish(engine)
            (taken,) = await reserve(engine)
            seqs.append(taken.seq)
            reservations.append(taken.reservation)
            recurrence = await ask(engine, SetRecurrence("q", f"t{boot}", "@hourly"))
            assert recurrence.number == boot + 1
    assert seqs == sorted(set(seqs))
    assert len(set(reservations)) == 3


@pytest.mark.parametrize("grace", [0.0, 10.0])
async def test_after_a_crash_what_a_connection_held_comes_back_after_the_grace(
    autojump_clock: MockClock, grace: float
) -> None:
    store = GatedStore()
    with pytest.RaisesGroup(StoreBroken, flatten_subgroups=True):
        async with memory_engine(store) as engine:
            worker = Worker()
            job = await publish(engine)
            assert await ask(engine, Subscribe("q"), worker.who) == OK
            store.broken = True
            engine.submit(WHO, Publish("q", "t", b""), Box())
            await trio.sleep(1)
    store.broken = False
    await store.release((await store.owners())[0])
    async with memory_engine(store, grace=grace) as engine:
        if grace:
            await trio.sleep(grace - 0.1)
            assert await state_of(engine, job) is JobState.RESERVED
            await trio.sleep(0.2)
        await settle()
        found = await look(engine, job)
        assert (found.state, found.attempts, found.more.disconnects) == (JobState.READY, 0, 1)
        assert sum((await ask(engine, Counts("q"))).states) == 1


async def test_a_broken_store_ends_the_engine_and_answers_nobody(
    autojump_clock: MockClock,
) -> None:
    store, box, parked = GatedStore(), Box(), Box()
    with pytest.RaisesGroup(StoreBroken, flatten_subgroups=True):
        async with memory_engine(store) as engine:
            await publish(engine)
            engine.submit(WHO, Reserve("p", wait=50.0), parked)
            await settle()
            store.broken = True
            engine.submit(WHO, Publish("q", "t", b""), box)
            await trio.sleep(100)
            store.broken = False  # a commit that is tried again would pass now
    assert (box.got, parked.got) == ([], [])
    assert trio.current_time() < 10


async def test_requests_of_a_queue_that_is_gone_do_not_hold_up_the_start(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        assert isinstance(await ask(engine, Publish("q", "t", b""), request="a"), Published)
        assert await ask(engine, DeleteQueue("q"), request="b") == OK
    async with memory_engine(store) as engine:
        assert isinstance(await ask(engine, Publish("q", "t", b""), request="c"), Published)


@pytest.mark.parametrize(
    "command", [Counts("q"), Get("none"), Reserve("q", ("none",)), Reserve("q"), Pause("q")]
)
async def test_any_command_may_carry_a_request_id(
    autojump_clock: MockClock, command: object
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await publish(engine)
        first = await ask(engine, command, request="r")
    async with memory_engine(store) as engine:
        again = await ask(engine, command, request="r")
        if not isinstance(command, Counts):
            assert again == first


async def test_a_request_id_is_no_answer_to_another_command(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        first = await ask(engine, Publish("q", "t", b""), request="r")
        assert await ask(engine, Pause("q"), request="r") == OK
        assert (await ask(engine, Counts("q"))).paused
        assert await ask(engine, Publish("q", "t", b""), request="r") == first


async def test_a_request_is_remembered_over_a_restart(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        first = await ask(engine, Publish("q", "t", b""), request="r")
    async with memory_engine(store) as engine:
        assert await ask(engine, Publish("q", "t", b""), request="r") == first
        assert sum((await ask(engine, Counts("q"))).states) == 1
        await trio.sleep(80_000)
        assert await ask(engine, Publish("q", "t", b""), request="r") == first
        await trio.sleep(6_401)
        assert await ask(engine, Publish("q", "t", b""), request="r") != first


async def test_a_full_disk_refuses_what_is_new_and_finishes_what_is_in_hand(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        jobs = [await publish(engine) for _ in range(3)]
        held = await reserve(engine, limit=2)
        store.full = 5
        done, late, deleted = Box(), Box(), Box()
        engine.submit(WHO, Done(held[0].id), done)
        await trio.sleep(0.5)
        engine.submit(WHO, Publish("q", "t", b""), late)
        engine.submit(WHO, Delete(jobs[2]), deleted)
        assert done.got == []
        await deleted.wait_for(1)
        assert (done.got, late.got, deleted.got) == ([OK], [FULL], [OK])
        assert store.full == 0
        await settle()
        await publish(engine)
        states = [await state_of(engine, job) for job in jobs]
        assert states == [JobState.DONE, JobState.RESERVED, None]


async def test_when_there_is_room_again_service_resumes_by_itself(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await publish(engine, "r")
        await ask(engine, SetRecurrence("r", "t", "@every 10s"))
        store.low = True
        await publish(engine)
        assert await ask(engine, Publish("q", "t", b"")) == FULL
        await trio.sleep(300)
        assert await ask(engine, Publish("q", "t", b"")) == FULL
        assert sum((await ask(engine, Counts("r"))).states) == 1
        store.low = False
        await trio.sleep(30)
        assert isinstance(await ask(engine, Publish("q", "t", b"")), Published)
        assert sum((await ask(engine, Counts("r"))).states) >= 2


async def test_payloads_past_the_bound_are_read_from_the_disk(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store, resident=100) as engine:
        for number in range(10):
            await publish(engine, payload=bytes([number]) * 50)
        worker = Worker()
        assert await ask(engine, Subscribe("q", credit=10), worker.who) == OK
        await worker.box.wait_for(10)
        assert [job.payload for job in worker.pushed] == [bytes([n]) * 50 for n in range(10)]


@pytest.mark.parametrize("writer", ["inline", "thread"])
async def test_an_engine_on_a_file_is_there_again(tmp_path: Path, writer: str) -> None:
    assert writer in {"inline", "thread"}

    async def once(store: Store, seed: int) -> tuple[str, int]:
        async with run_engine(store, EngineSettings(), source=seeded_source(seed)) as engine:
            job = await publish(engine, payload=b"kept")
            return job, sum((await ask(engine, Counts("q"))).states)

    counts: list[int] = []
    for seed in range(2):
        async with open_store(
            tmp_path / "jobyard.db", writer="inline" if writer == "inline" else "thread",
            options=SMALL,
        ) as store:  # fmt: skip
            counts.append((await once(store, seed))[1])
    assert counts == [1, 2]


async def test_the_engines_clock_is_the_one_handed_in(autojump_clock: MockClock) -> None:
    clock = virtual_clock()
    async with memory_engine(clock=clock) as engine:
        await trio.sleep(5)
        assert engine.clock is clock
        assert (await look(engine, await publish(engine))).created_at == clock.now()
