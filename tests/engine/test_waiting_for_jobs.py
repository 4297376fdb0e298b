"""Waiting until a job is over: who is answered, when, and who is forgotten."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import Cancel, Delete, Done, Fail, Purge, Wait
from engine.directory import Directory
from engine.job import JobState
from engine.replies import OK, Code, OneJob, Refused
from engine.testing import memory_engine
from tests.support.desk import Box, Worker, ask, publish, reserve, settle
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore


def waits(engine: Directory, job: str, seconds: float = 60.0) -> tuple[Worker, Box]:
    worker, box = Worker(f"waits:{job}"), Box()
    engine.submit(worker.who, Wait(job, seconds), box)
    return worker, box


async def test_who_waits_gets_the_job_with_its_result(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine, payload=b"p")
        _, box = waits(engine, job)
        _, other = waits(engine, job)
        (held,) = await reserve(engine)
        await settle()
        assert box.got == []
        assert await ask(engine, Done(job, held.reservation, b"fine")) == OK
        await box.wait_for(1)
        assert isinstance(box.only, OneJob)
        view = box.only.job
        assert view.details is not None
        assert (view.state, view.payload, view.details.result) == (JobState.DONE, b"p", b"fine")
        assert other.only.job.state is JobState.DONE


async def test_every_end_is_an_end(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        canceled, failed = [await publish(engine) for _ in range(2)]
        boxes = [waits(engine, job)[1] for job in (canceled, failed)]
        assert await ask(engine, Cancel(canceled)) == OK
        (held,) = await reserve(engine)
        assert await ask(engine, Fail(failed, held.reservation, retry=False)) == OK
        assert [box.only.job.state for box in boxes] == [JobState.CANCELED, JobState.FAILED]


async def test_a_retry_is_no_end(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        _, box = waits(engine, job, 0.5)
        (held,) = await reserve(engine)
        before = trio.current_time()
        assert await ask(engine, Fail(job, held.reservation, delay=10.0)) == OK
        assert box.got == []
        await box.wait_for(1)
        assert 0.49 < trio.current_time() - before <= 0.51
        assert box.only.job.state is JobState.SCHEDULED


async def test_what_is_over_or_not_waited_for_is_shown_at_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        now = await ask(engine, Wait(job, 0.0))
        assert now.job.state is JobState.READY
        await ask(engine, Cancel(job))
        assert (await ask(engine, Wait(job, 50.0))).job.state is JobState.CANCELED
        assert await ask(engine, Wait("nothing")) == Refused(Code.UNKNOWN_JOB)


async def test_a_job_that_is_removed_is_unknown(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        jobs = [await publish(engine) for _ in range(2)]
        boxes = [waits(engine, job)[1] for job in jobs]
        assert await ask(engine, Delete(jobs[0])) == OK
        assert await ask(engine, Purge("q")) == OK
        assert [box.only for box in boxes] == [Refused(Code.UNKNOWN_JOB)] * 2


async def test_who_left_is_forgotten(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        worker, box = waits(engine, job)
        with trio.move_on_after(1.0):
            await ask(engine, Wait(job, 500.0))
        state = next(iter(engine.actors())).state
        engine.gone(worker)
        await settle()
        assert len(state.watchers) == 0
        alarms = state.alarms.live
        await ask(engine, Cancel(job))
        assert box.got == []
        assert alarms == 0


async def test_a_crash_and_a_stop_answer_who_waits(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        job = await publish(engine)
        _, crashed = waits(engine, job)
        await settle()
        with capture_logs():
            assert await ask(engine, crash()) == Refused(Code.INTERNAL)
        assert crashed.only == Refused(Code.INTERNAL)
        await settle()
        _, stopped = waits(engine, job)
        await settle()
    assert stopped.only.job.state is JobState.READY


async def test_no_answer_leaves_before_the_end_is_durable(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        job = await publish(engine)
        _, box = waits(engine, job)
        async with store.closed():
            engine.submit(Worker().who, Cancel(job), Box())
            await settle()
            assert box.got == []
        await box.wait_for(1)
        assert box.only.job.state is JobState.CANCELED
