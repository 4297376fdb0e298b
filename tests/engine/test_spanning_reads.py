"""Reads and changes over all queues of a group, or of the server."""

import pytest
from trio.testing import MockClock

from engine.access import MEMBER, Principal, caller
from engine.commands import (
    DeleteRecurrence,
    DescribeAll,
    Dump,
    Fail,
    Health,
    Publish,
    RetryAllNow,
    SetRecurrence,
    Subscribe,
)
from engine.job import JobState
from engine.replies import OK, Code, Queues, RecurrenceSet, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    GROUP,
    Worker,
    ask,
    publish,
    reserve,
    state_of,
)
from tests.support.many_queues import ALL


async def test_queues_are_listed_by_group_in_the_order_of_their_making(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, DescribeAll()) == Queues(())
        both = Principal("ada", {GROUP: MEMBER, "h": MEMBER})
        await ask(engine, Publish("z", "t", b"1"))
        await ask(engine, Publish("x", "t", b"2"), caller(both, "h"))
        await ask(engine, Publish("a", "t", b"3"))
        mine = await ask(engine, DescribeAll(10))
        assert [view.name for view in mine.queues] == ["z", "a"]
        assert [[job.payload for job in view.jobs] for view in mine.queues] == [[b"1"], [b"3"]]
        everything = await ask(engine, Dump(10), caller(Principal("nobody"), ""))
        assert [(view.group, view.name) for view in everything.queues] == [
            (GROUP, "z"), ("h", "x"), (GROUP, "a"),
        ]  # fmt: skip


@pytest.mark.parametrize("bound", [1, 2])
async def test_a_listing_of_too_many_jobs_is_refused(autojump_clock: MockClock, bound: int) -> None:
    async with memory_engine() as engine:
        for queue in "aab":
            await publish(engine, queue)
        assert (await ask(engine, DescribeAll(bound))).code is Code.TOO_MANY_JOBS
        assert len((await ask(engine, DescribeAll(3))).queues) == 2
        assert len((await ask(engine, DescribeAll())).queues) == 2


async def test_health_counts_over_all_groups(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        for queue in "aab":
            await publish(engine, queue)
        await ask(engine, Publish("a", "t", b""), caller(Principal("x", {"h": MEMBER}), "h"))
        await ask(engine, Subscribe("a"), worker.who)
        health = await ask(engine, Health(), caller(Principal("nobody"), ""))
        assert (health.queues, health.jobs, health.workers, health.failed) == (3, 4, 1, ())


async def test_errored_jobs_of_every_queue_are_retried_now(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, RetryAllNow()) == OK
        jobs = [await publish(engine, queue) for queue in ALL]
        for queue in ALL:
            (held,) = await reserve(engine, queue)
            assert await ask(engine, Fail(held.id, delay=500.0)) == OK
        assert await ask(engine, RetryAllNow(), caller(Principal("nobody"), "")) == OK
        assert {await state_of(engine, job) for job in jobs} == {JobState.READY}


async def test_a_recurrence_is_found_by_its_number_in_its_group(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        other = caller(Principal("ada", {"h": MEMBER}), "h")
        unknown = Refused(Code.UNKNOWN_RECURRENCE)
        number = (await ask(engine, SetRecurrence("q", "t", "@hourly"))).number
        assert await ask(engine, DeleteRecurrence(number), other) == unknown
        assert await ask(engine, DeleteRecurrence(number + 1)) == unknown
        assert await ask(engine, DeleteRecurrence(number)) == OK
        assert await ask(engine, DeleteRecurrence(number)) == unknown
        again = await ask(engine, SetRecurrence("q", "t", "@hourly"))
        assert again == RecurrenceSet(number + 1)
