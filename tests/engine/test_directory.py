"""The front desk: who is asked, which job is where, and the tables over all queues."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.access import MEMBER, Principal, caller
from engine.commands import (
    Counts,
    Delete,
    DeleteQueue,
    Done,
    Fail,
    Get,
    Health,
    Publish,
    Purge,
    Subscribe,
)
from engine.job import JobState
from engine.replies import OK, Code, Published, Refused
from engine.testing import memory_engine
from tests.support.desk import GROUP, WHO, Box, Worker, ask, publish, reserve, settle, state_of
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

UNKNOWN_JOB = Refused(Code.UNKNOWN_JOB)
UNKNOWN_QUEUE = Refused(Code.UNKNOWN_QUEUE)
OTHER = caller(Principal("bob", {"h": MEMBER}), "h")


async def test_one_group_learns_nothing_of_another(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        assert await ask(engine, Counts("q"), OTHER) == UNKNOWN_QUEUE
        assert await ask(engine, Counts("no"), OTHER) == UNKNOWN_QUEUE
        for command in (Get(job), Delete(job), Done(job), Fail(job)):
            assert await ask(engine, command, OTHER) == UNKNOWN_JOB
        assert isinstance(await ask(engine, Publish("q", "t", b""), OTHER), Published)
        assert await ask(engine, Purge("q"), OTHER) == OK
        assert await state_of(engine, job) is JobState.READY


async def test_a_job_is_found_by_its_id_until_it_is_gone(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        jobs = [await publish(engine, queue) for queue in "aabc"]
        assert [(await ask(engine, Get(job))).job.queue for job in jobs] == list("aabc")
        assert await ask(engine, Delete(jobs[0])) == OK
        assert await ask(engine, Purge("b")) == OK
        assert await ask(engine, DeleteQueue("c")) == OK
        found = [await state_of(engine, job) for job in jobs]
        assert found == [None, JobState.READY, None, None]


async def test_a_job_is_found_as_soon_as_its_publish_was_handled(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store, seed=7) as engine:
        job = await publish(engine)
    store = GatedStore()
    async with memory_engine(store, seed=7) as engine:
        async with store.closed():
            engine.submit(WHO, Publish("q", "t", b""), Box())
            await settle()
            box = Box()
            engine.submit(WHO, Get(f"{int(engine.clock.now() * 1000):012x}"), box)
            await settle()
            assert box.got == []
        await box.wait_for(1)
        assert box.only == UNKNOWN_JOB
        assert job[14:] in {found.id[14:] for found in await reserve(engine)}


async def test_the_number_of_queues_is_bounded_over_all_groups(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine(queues=3, idle=1.0) as engine:
        for queue, who in (("a", WHO), ("b", WHO), ("a", OTHER)):
            assert isinstance(await ask(engine, Publish(queue, "t", b""), who), Published)
        too_many = Refused(Code.TOO_MANY_QUEUES)
        assert await ask(engine, Publish("c", "t", b"")) == too_many
        assert await ask(engine, Publish("b", "t", b""), OTHER) == too_many
        assert isinstance(await ask(engine, Publish("a", "t", b"")), Published)
        assert await ask(engine, DeleteQueue("b")) == OK
        await trio.sleep(2)
        assert isinstance(await ask(engine, Publish("c", "t", b"")), Published)
        assert await ask(engine, Publish("d", "t", b"")) == too_many


async def test_a_bad_name_makes_no_queue(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        for name in ("", "a\x00", "\ud800", "x" * 201):
            invalid = await ask(engine, Publish(name, "t", b""))
            assert invalid == Refused(Code.INVALID_NAME)
            assert await ask(engine, Counts(name)) == UNKNOWN_QUEUE
        assert engine.actors() == []


async def test_a_stopping_engine_takes_no_more_commands(autojump_clock: MockClock) -> None:
    stopping = Refused(Code.STOPPING)
    async with memory_engine() as engine:
        await publish(engine)
        await engine.stop()
        for command in (Publish("q", "t", b""), Counts("q"), Get("x"), Health()):
            assert await ask(engine, command) == stopping
        nobody = caller(Principal("nob"), GROUP)
        assert await ask(engine, Publish("q", "t", b""), nobody) == Refused(Code.FORBIDDEN)


async def test_stopping_ends_with_everything_durable(autojump_clock: MockClock) -> None:
    store = GatedStore(delay=2.0)
    async with memory_engine(store) as engine:
        boxes = [Box() for _ in range(50)]
        for number, box in enumerate(boxes):
            engine.submit(WHO, Publish(f"q{number % 5}", "t", b""), box)
        await engine.stop()
        assert all(isinstance(box.only, Published) for box in boxes)
        assert len(store.heads()) == 50


async def test_a_single_peer_takes_one_job_over_all_its_queues(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker(single=True)
        for queue in "abc":
            assert await ask(engine, Subscribe(queue), worker.who) == OK
        jobs = [await publish(engine, queue) for queue in "bca"]
        done: list[str] = []
        for number in range(3):
            await worker.box.wait_for(number + 1)
            await settle()
            assert len(worker.pushed) == number + 1
            done.append(worker.pushed[-1].id)
            assert await ask(engine, Done(done[-1]), worker.who) == OK
        assert sorted(done) == sorted(jobs)


async def test_a_single_peer_whose_job_was_taken_away_is_served_once_it_spoke(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker(single=True)
        first, second = await publish(engine), await publish(engine, "p")
        for queue in "qp":
            assert await ask(engine, Subscribe(queue), worker.who) == OK
        assert [job.id for job in worker.pushed] == [first]
        assert await ask(engine, Delete(first)) == OK
        await settle()
        assert len(worker.pushed) == 1
        assert await ask(engine, Done(first), worker.who) == UNKNOWN_JOB
        await settle()
        assert [job.id for job in worker.pushed] == [first, second]


async def test_a_connection_that_goes_gives_back_in_every_queue(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        jobs = [await publish(engine, queue) for queue in "abc"]
        for queue in "abc":
            assert await ask(engine, Subscribe(queue), worker.who) == OK
        assert len(worker.pushed) == 3
        engine.gone(worker)
        await settle()
        assert {await state_of(engine, job) for job in jobs} == {JobState.READY}
        assert (await ask(engine, Health())).workers == 0


@pytest.mark.parametrize("command", [Counts("q"), Get("x"), Delete("x")])
async def test_a_word_about_what_is_gone_after_a_crash_is_answered(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, command: object
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        job = await publish(engine)
        with capture_logs():
            engine.submit(WHO, Delete(job), Box())
            engine.submit(WHO, Publish("q", "t", b""), Box())
            assert await ask(engine, crash()) == Refused(Code.INTERNAL)
        await ask(engine, command)
        assert await state_of(engine, job) is JobState.READY
        assert sum((await ask(engine, Counts("q"))).states) == 1
