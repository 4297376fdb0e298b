"""A job that moves brings what became of it in the same breath, and pushes out what is too much."""

import trio
from trio.testing import MockClock

from engine.commands import Done, Edit, Fail, Move
from engine.directory import Directory
from engine.events import Filter, What
from engine.job import Details
from engine.queue_state import QueueLimits
from engine.replies import OK
from engine.store.memory import MemoryStore
from engine.testing import START, memory_engine
from tests.engine.test_moving import in_order, where
from tests.support.desk import WHO, Box, ask, look, publish, reserve, settle


async def at_once(engine: Directory, *commands: object) -> None:
    """Say these in one batch."""
    boxes = [Box() for _ in commands]
    for command, box in zip(commands, boxes, strict=True):
        engine.submit(WHO, command, box)
    for box in boxes:
        await box.wait_for(1)
        assert box.only == OK


async def test_changed_and_moved_in_one_breath(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        await publish(engine, "b", kind="other")
        edited, done, failed = [await publish(engine, "a", b"old") for _ in range(3)]
        await at_once(engine, Edit(edited, payload=b"new"), Move(edited, "b"))
        taken = await reserve(engine, "a", limit=2)
        assert [job.id for job in taken] == [done, failed]
        await at_once(engine, Done(done, taken[0].reservation, b"result"), Move(done, "b"))
        failing = Fail(failed, taken[1].reservation, "no", error_type="E", delay=60.0)
        await at_once(engine, failing, Move(failed, "b"))
        before = [await look(engine, job) for job in (edited, done, failed)]
        assert [view.queue for view in before] == ["b", "b", "b"]
        await in_order(engine)
    async with memory_engine(store) as engine:
        after = [await look(engine, job) for job in (edited, done, failed)]
    for views in (before, after):
        assert [view.payload for view in views] == [b"new", b"old", b"old"]
        details = [view.details or Details() for view in views]
        assert [(one.result, one.error) for one in details] == [
            (None, ""), (b"result", ""), (None, "no"),
        ]  # fmt: skip


async def test_one_too_many_goes_where_it_arrives(autojump_clock: MockClock) -> None:
    async with memory_engine(limits=QueueLimits(keep_done_count=1)) as engine:
        jobs: list[str] = []
        for queue in ("b", "a"):
            jobs.append(await publish(engine, queue))
            (taken,) = await reserve(engine, queue)
            assert await ask(engine, Done(taken.id, taken.reservation)) == OK
            await trio.sleep(1)
        with engine.feed.listen(Filter(whats=frozenset({What.DELETED}))) as listener:
            assert await ask(engine, Move(jobs[1], "b")) == OK
            await settle()
            told = await listener.next()
        assert [await where(engine, job) for job in jobs] == [None, "b"]
        assert [(event.job, event.at) for event in told] == [
            (jobs[1], START + 2.0), (jobs[0], START + 2.0),
        ]  # fmt: skip
