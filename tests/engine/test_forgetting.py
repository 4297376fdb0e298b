"""A job that is over is forgotten sooner when somebody says so, never later."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import (
    Delete,
    Done,
    Fail,
    Get,
    KeepFor,
    Publish,
    PublishOptions,
    Reserve,
    Reset,
)
from engine.directory import Directory
from engine.job import JobPolicy
from engine.replies import OK, Code, Granted, OneJob, Published, Refused
from engine.store.memory import MemoryStore
from engine.store.protocol import Tenure
from engine.store.tables import Changes, Table
from engine.testing import memory_engine, virtual_clock
from tests.support.desk import WHO

QUEUE = "q"
OPTIONS = PublishOptions(policy=JobPolicy(keep_done=100.0, keep_failed=100.0, max_attempts=1))


async def over(engine: Directory, *, failed: bool = False) -> str:
    published = await engine.execute(WHO, Publish(QUEUE, "t", b"p", OPTIONS))
    assert isinstance(published, Published)
    assert isinstance(await engine.execute(WHO, Reserve(QUEUE)), Granted)
    job = published.job
    end = Fail(job) if failed else Done(job, result=b"7", result_type="go/int")
    assert await engine.execute(WHO, end) == OK
    return job


async def is_there(engine: Directory, job: str) -> bool:
    return isinstance(await engine.execute(WHO, Get(job)), OneJob)


async def test_it_goes_when_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        for failed in (False, True):
            job = await over(engine, failed=failed)
            assert await engine.execute(WHO, KeepFor(job, 60.0)) == OK
            await trio.sleep(59)
            assert await is_there(engine, job)
            await trio.sleep(2)
            assert not await is_there(engine, job)


async def test_it_never_stays_longer(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await over(engine)
        assert await engine.execute(WHO, KeepFor(job, 50.0)) == OK
        await trio.sleep(20)
        assert await engine.execute(WHO, KeepFor(job, 90.0)) == OK
        assert await engine.execute(WHO, KeepFor(job, 1000.0)) == OK
        await trio.sleep(29)
        assert await is_there(engine, job)
        await trio.sleep(2)
        assert not await is_there(engine, job)


async def test_only_what_is_over(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        published = await engine.execute(WHO, Publish(QUEUE, "t", b"p", OPTIONS))
        assert isinstance(published, Published)
        assert await engine.execute(WHO, KeepFor(published.job, 1.0)) == Refused(Code.WRONG_STATE)
        assert await engine.execute(WHO, KeepFor("no", 1.0)) == Refused(Code.UNKNOWN_JOB)


async def test_a_reset_job_is_kept_as_before(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await over(engine)
        await engine.execute(WHO, KeepFor(job, 5.0))
        assert await engine.execute(WHO, Reset(job)) == OK
        await engine.execute(WHO, Reserve(QUEUE))
        await engine.execute(WHO, Done(job))
        await trio.sleep(50)
        assert await is_there(engine, job)


async def test_it_outlives_a_restart_and_so_does_the_type_of_a_result(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore(trio.current_time)
    clock = virtual_clock()
    async with memory_engine(store, clock=clock) as engine:
        job = await over(engine)
        await engine.execute(WHO, KeepFor(job, 60.0))
    async with memory_engine(store, clock=clock) as engine:
        found = await engine.execute(WHO, Get(job))
        assert isinstance(found, OneJob)
        assert found.job.details is not None
        assert (found.job.details.result, found.job.details.result_type) == (b"7", "go/int")
        await trio.sleep(61)
        assert not await is_there(engine, job)


class DeletedRows(MemoryStore):
    """Notes which rows each commit deletes."""

    def __init__(self) -> None:
        super().__init__(trio.current_time)
        self.deleted: list[Table] = []

    def commit_now(self, tenure: Tenure, changes: Changes) -> None:
        self.deleted += [
            table for table, rows in changes.items() for row in rows.values() if not row
        ]
        super().commit_now(tenure, changes)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("result", [None, b"7"])
async def test_rows_of_details_go_with_a_job_that_has_some(
    result: bytes | None, again: bool, autojump_clock: MockClock
) -> None:
    store, clock = DeletedRows(), virtual_clock()
    async with memory_engine(store, clock=clock) as engine:
        published = await engine.execute(WHO, Publish(QUEUE, "t", b"p", OPTIONS))
        assert isinstance(published, Published)
        job = published.job
        assert isinstance(await engine.execute(WHO, Reserve(QUEUE)), Granted)
        assert await engine.execute(WHO, Done(job, result=result)) == OK
        if not again:
            assert await engine.execute(WHO, Delete(job)) == OK
    if again:
        async with memory_engine(store, clock=clock) as engine:
            assert await engine.execute(WHO, Delete(job)) == OK
    details = [Table.DETAILS] if result else []
    assert store.deleted == [Table.HEADS, Table.BODIES, *details]
