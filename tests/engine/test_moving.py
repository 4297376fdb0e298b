"""A job goes over to another queue: whatever ends when, it is in exactly one of them."""

from collections.abc import Iterator

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import (
    Counts,
    DeleteQueue,
    Describe,
    Done,
    Drain,
    Get,
    ListJobs,
    Move,
    Publish,
    PublishOptions,
    Purge,
    Subscribe,
    Wait,
)
from engine.directory import Directory
from engine.job import JobPolicy, JobState
from engine.queue_actor import QueueActor
from engine.queue_state import Parting
from engine.replies import OK, Code, Refused
from engine.store.memory import MemoryStore
from engine.store.tables import Table
from engine.testing import memory_engine
from tests.support.desk import WHO, Box, Worker, ask, look, publish, reserve, settle
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plant(monkeypatch)
    with capture_logs():
        yield


async def where(engine: Directory, job: str) -> str | None:
    """The queue that shows a job; None: none does."""
    reply = await ask(engine, Get(job))
    return None if isinstance(reply, Refused) else str(reply.job.queue)


async def in_order(engine: Directory) -> None:
    """What each queue counts is what a recount says, and each job is in one queue."""
    seen: list[str] = []
    for actor in engine.actors():
        assert actor.state.recount() == (actor.state.counts, actor.state.types)
        payloads = [job.payload or b"" for job in actor.state.jobs.values()]
        assert all(engine.of_job(actor.group, job) is actor for job in actor.state.ids)
        seen += actor.state.ids
        assert len(payloads) == len(actor.state.ids)
    assert len(seen) == len(set(seen))
    used = sum(len(j.payload or b"") for a in engine.actors() for j in a.state.jobs.values())
    assert engine.actors()[0].state.storage.used == used


@pytest.mark.parametrize("immediate", [True, False])
async def test_a_job_keeps_what_it_is(autojump_clock: MockClock, immediate: bool) -> None:
    store = MemoryStore(trio.current_time) if immediate else GatedStore()
    async with memory_engine(store) as engine:
        options = PublishOptions(priority=3, time_to_live=500.0, unique_key="k")
        job = (await ask(engine, Publish("a", "t", b"payload", options))).job
        await ask(engine, Done(job, (await reserve(engine, "a"))[0].reservation, b"result"))
        before = await look(engine, job)
        assert await ask(engine, Move(job, "b")) == OK
        after = await look(engine, job)
        assert after.queue == "b"
        after.queue = before.queue
        assert after == before
        await in_order(engine)
    async with memory_engine(store) as engine:
        assert await where(engine, job) == "b"
        again = await look(engine, job)
        assert (again.payload, again.details) == (b"payload", before.details)
        await in_order(engine)


async def test_who_waits_there_is_given_it_at_its_place(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        first = await publish(engine, "a")
        later = await publish(engine, "b")
        for _ in range(2):
            assert await ask(engine, Move(first, "b")) == OK
        listed = await ask(engine, ListJobs("b"))
        assert [job.id for job in listed.jobs] == [first, later]
        described = await ask(engine, Describe("b", jobs=9))
        assert [job.id for job in described.jobs] == [first, later]
        worker = Worker()
        await ask(engine, Subscribe("b", credit=2), worker.who)
        third = await publish(engine, "a")
        await ask(engine, Move(third, "b"))
        await settle()
        assert [job.id for job in worker.pushed] == [first, later]
        await ask(engine, Done(first), worker.who)
        await worker.box.wait_for(3)
        assert [job.id for job in worker.pushed] == [first, later, third]
        await in_order(engine)


async def test_what_is_no_move(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine, "a")
        assert await ask(engine, Move(job, "a")) == OK
        assert await where(engine, job) == "a"
        for command, code in (
            (Move("no-such-job", "b"), Code.UNKNOWN_JOB),
            (Move(job, "a\nb"), Code.INVALID_NAME),
        ):
            assert await ask(engine, command) == Refused(code)
        assert engine.queue_names("g") == ["a"]
        await publish(engine, "full")
        await ask(engine, Drain("full"))
        assert await ask(engine, Move(job, "full")) == Refused(Code.DRAINING)
        await reserve(engine, "a")
        assert await ask(engine, Move(job, "b")) == Refused(Code.WRONG_STATE)
        assert await where(engine, job) == "a"


async def test_whoever_waits_for_its_end_is_shown_it(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine, "a")
        box = Box()
        engine.submit(WHO, Wait(job, 60.0), box)
        await settle()
        await ask(engine, Move(job, "b"))
        assert box.only.job.state is JobState.READY
        await in_order(engine)


async def test_its_clocks_go_on(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, "b")
        gone = PublishOptions(time_to_live=5.0, policy=JobPolicy(keep_done=3.0))
        expiring = (await ask(engine, Publish("a", "t", b"", gone))).job
        delayed = (await ask(engine, Publish("a", "t", b"", PublishOptions(delay=4.0)))).job
        for job in (expiring, delayed):
            await ask(engine, Move(job, "b"))
        await trio.sleep(4.5)
        assert (await look(engine, delayed)).state is JobState.READY
        await trio.sleep(1.0)
        assert (await look(engine, expiring)).state is JobState.EXPIRED
        await trio.sleep(3.0)
        assert await where(engine, expiring) is None
        await in_order(engine)


async def test_published_and_moved_in_one_breath(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await publish(engine, "b")
        boxes = [Box() for _ in range(3)]
        engine.submit(WHO, Publish("a", "t", b"born"), boxes[0])
        await boxes[0].wait_for(1)
        async with store.closed():
            engine.submit(WHO, Publish("a", "t", b"held up"), boxes[1])
            await settle()
            job = list(engine.queues["g"]["a"].state.ids)[-1]
            engine.submit(WHO, Move(job, "b"), boxes[2])
            await settle()
            assert boxes[2].got == []
        await boxes[2].wait_for(1)
        assert (await look(engine, job)).payload == b"held up"
    async with memory_engine(store) as engine:
        assert await where(engine, job) == "b"
        assert (await look(engine, job)).payload == b"held up"


@pytest.mark.parametrize("crashed", ["a", "b"])
@pytest.mark.parametrize("when", ["before", "at once", "after"])
async def test_a_crash_of_either_queue(
    autojump_clock: MockClock, planted: None, crashed: str, when: str
) -> None:
    store = GatedStore(0.01)
    async with memory_engine(store) as engine:
        jobs = [await publish(engine, "a", b"%d" % n) for n in range(3)]
        await publish(engine, "b")
        boxes = [Box() for _ in range(4)]
        if when == "before":
            engine.submit(WHO, crash(crashed), boxes[3])
        for job, box in zip(jobs, boxes, strict=False):
            engine.submit(WHO, Move(job, "b"), box)
        if when == "after":
            await boxes[2].wait_for(1)
        if when != "before":
            await settle(2)
            engine.submit(WHO, crash(crashed), boxes[3])
        await boxes[3].wait_for(1)
        for job, box in zip(jobs, boxes, strict=False):
            await box.wait_for(1)
            assert await where(engine, job) == ("b" if box.only == OK else "a")
        await in_order(engine)
    async with memory_engine(store) as engine:
        for job, box in zip(jobs, boxes, strict=False):
            assert await where(engine, job) == ("b" if box.only == OK else "a")
        await in_order(engine)


async def test_the_other_queue_reads_it_and_lets_it_go_before_the_post_is_opened(
    autojump_clock: MockClock, planted: None
) -> None:
    store = GatedStore(0.01)
    async with memory_engine(store) as engine:
        job = await publish(engine, "a")
        await publish(engine, "b")
        store.load_gate = trio.Event()
        boxes = [Box() for _ in range(3)]
        engine.submit(WHO, crash("b"), boxes[0])
        await boxes[0].wait_for(1)
        engine.submit(WHO, Purge("b"), boxes[1])
        engine.submit(WHO, Move(job, "b"), boxes[2])
        await boxes[2].wait_for(1)
        store.load_gate.set()
        await boxes[1].wait_for(1)
        await settle()
        assert await where(engine, job) is None
        assert store.heads() == {}
        await in_order(engine)


async def test_a_queue_deleted_meanwhile_is_made_anew(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = GatedStore(0.01)
    async with memory_engine(store) as engine:
        job = await publish(engine, "a", b"kept")
        await publish(engine, "b")
        old = engine.queues["g"]["b"].number
        boxes = [Box(), Box()]
        part = engine.part

        def late(actor: QueueActor, parting: Parting) -> None:
            engine.submit(WHO, DeleteQueue("b"), boxes[1])  # it is in the mailbox already
            part(actor, parting)

        monkeypatch.setattr(engine, "part", late)
        engine.submit(WHO, Move(job, "b"), boxes[0])
        for box in boxes:
            await box.wait_for(1)
        assert await where(engine, job) == "b"
        assert engine.queues["g"]["b"].number not in {0, old}
        await in_order(engine)
    async with memory_engine(store) as engine:
        assert (await look(engine, job)).payload == b"kept"
        assert (await ask(engine, Counts("b"))).states[JobState.READY] == 1


async def test_a_job_whose_queue_was_deleted_is_dropped_at_start(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        await publish(engine, "a")
        lost = await publish(engine, "b")
        kept = await publish(engine, "a")
        number = engine.queues["g"]["b"].number
    del store._tables[Table.QUEUES][number]  # what a kill leaves between the two commits
    async with memory_engine(store) as engine:
        assert await where(engine, lost) is None
        assert await where(engine, kept) == "a"
        await publish(engine, "c")
        assert engine.queues["g"]["c"].number > number
        assert len(store._tables[Table.HEADS]) == len(store._tables[Table.BODIES]) == 3
