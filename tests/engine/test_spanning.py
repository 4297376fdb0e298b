"""Commands over several queues: asked of many, answered once."""

from collections.abc import Iterator

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.access import MEMBER, Principal, caller
from engine.commands import (
    DeleteRecurrence,
    DescribeAll,
    Done,
    Dump,
    Fail,
    Health,
    Publish,
    ReserveAny,
    RetryAllNow,
    SetRecurrence,
    Subscribe,
)
from engine.directory import Directory
from engine.job import JobState
from engine.replies import OK, Code, Granted, Queues, RecurrenceSet, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    ADA,
    GROUP,
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
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

EMPTY = Granted(())
INTERNAL = Refused(Code.INTERNAL)
ALL = ("a", "b", "c")


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plant(monkeypatch)
    with capture_logs():
        yield


async def make(engine: Directory, *queues: str) -> None:
    """Have the queues exist, with nothing to take."""
    for queue in queues:
        await publish(engine, queue, kind="other")


def wait_for_any(engine: Directory, wait: float = 30.0, who: Worker | None = None) -> Box:
    box = Box()
    command = ReserveAny(ALL, ("t",), wait=wait)
    engine.submit(WHO if who is None else who.who, command, box)
    return box


async def test_the_first_queue_named_that_has_a_job(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        jobs = {queue: await publish(engine, queue) for queue in "abc"}
        for order, first in (("cab", "c"), ("ba", "b"), ("cba", "a")):
            reply = await ask(engine, ReserveAny(tuple(order)))
            assert [found.id for found in reply.jobs] == [jobs[first]]


async def test_a_queue_without_a_fit_job_is_passed_over(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, "a", kind="other")
        wanted = [await publish(engine, "b") for _ in range(3)]
        reply = await ask(engine, ReserveAny(ALL, ("t",), limit=2, wait=30.0))
        assert [found.id for found in reply.jobs] == wanted[:2]
        assert trio.current_time() == 0.0


async def test_nothing_anywhere_and_no_wait_is_empty_at_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, ReserveAny(ALL)) == EMPTY
        assert trio.current_time() == 0.0


async def test_else_whichever_has_one_first(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine)
        await trio.sleep(1)
        first = await publish(engine, "c")
        second = await publish(engine, "a")
        await box.wait_for(1)
        assert [found.id for found in box.only.jobs] == [first]
        await trio.sleep(100)
        assert len(box.got) == 1
        assert await state_of(engine, second) is JobState.READY


async def test_a_wait_that_ends_is_empty_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine, 30.0)
        await trio.sleep(29.9)
        assert box.got == []
        await trio.sleep(0.2)
        assert box.got == [EMPTY]
        job = await publish(engine, "b")
        await trio.sleep(100)
        assert box.got == [EMPTY]
        assert await state_of(engine, job) is JobState.READY


async def test_of_several_who_wait_each_gets_one(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        boxes = [wait_for_any(engine) for _ in range(3)]
        await settle()
        jobs = [await publish(engine, queue) for queue in "cba"]
        assert [box.only.jobs[0].id for box in boxes] == jobs


async def test_a_refusal_of_one_queue_is_not_the_answer_of_all(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine(crashes=0) as engine:
        await make(engine, "a")
        box = wait_for_any(engine)
        await settle()
        assert await ask(engine, crash("a")) == INTERNAL
        assert box.got == []
        job = await publish(engine, "b")
        assert [found.id for found in box.only.jobs] == [job]


async def test_when_every_queue_crashed_that_is_the_answer(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine() as engine:
        await make(engine, *ALL)
        box = wait_for_any(engine)
        await settle()
        for queue in ALL:
            assert box.got == []
            assert await ask(engine, crash(queue)) == INTERNAL
        assert box.got == [INTERNAL]


async def test_a_crash_of_the_queue_that_took_it_is_told_once(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine() as engine:
        await make(engine, *ALL)
        box, published = wait_for_any(engine), Box()
        await settle()
        engine.submit(WHO, Publish("b", "t", b""), published)
        assert await ask(engine, crash("b")) == INTERNAL
        await settle()
        assert (box.got, published.got) == ([INTERNAL], [INTERNAL])
        job = await publish(engine, "c")
        await trio.sleep(100)
        assert len(box.got) == 1
        assert await state_of(engine, job) is JobState.READY


async def test_a_crash_elsewhere_does_not_take_a_grant_back(
    autojump_clock: MockClock, planted: None
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await make(engine, *ALL)
        box, published = wait_for_any(engine), Box()
        await settle(200)
        async with store.closed():
            engine.submit(WHO, Publish("a", "t", b""), published)
            await settle()
            engine.submit(WHO, crash("b"), Box())
            await settle()
        await published.wait_for(1)
        await settle()
        assert [found.id for found in box.only.jobs] == [published.only.job]


async def test_a_cancelled_wait_takes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with trio.move_on_after(1):
            await engine.execute(WHO, ReserveAny(ALL, wait=30.0))
        jobs = [await publish(engine, queue) for queue in ALL]
        await settle()
        for job in jobs:
            found = await look(engine, job)
            assert (found.state, found.more.releases) == (JobState.READY, 0)


@pytest.mark.parametrize("wait", [0.0, 30.0])
async def test_a_grant_that_crosses_the_cancellation_is_a_release(
    autojump_clock: MockClock, wait: float
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await make(engine, *ALL)
        job = await publish(engine, "b")
        async with store.closed():
            with trio.move_on_after(1) as scope:
                await engine.execute(WHO, ReserveAny(ALL, ("t",), wait=wait))
            assert scope.cancelled_caught
            await settle()
        await settle(200)
        (found,) = await reserve(engine, "b", types=("t",))
        assert (found.id, found.attempts) == (job, 1)
        assert (found.more.releases, found.more.disconnects) == (1, 0)


async def test_a_connection_that_goes_while_queues_are_asked_gets_nothing(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        worker = Worker()
        job = await publish(engine, "c")
        async with store.closed():
            box = wait_for_any(engine, 0.0, worker)  # makes queue a, which waits for the disk
            await settle()
            engine.gone(worker)
            await settle()
        await trio.sleep(1)
        assert len(box.got) <= 1
        assert await state_of(engine, job) is JobState.READY


async def test_a_connection_that_goes_while_it_waits_gets_nothing(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        wait_for_any(engine, 30.0, worker)
        await settle()
        engine.gone(worker)
        job = await publish(engine, "b")
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.disconnects) == (JobState.READY, 0)


async def test_a_stop_answers_who_waits_in_many_queues_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        box = wait_for_any(engine)
        await settle()
    assert box.got == [EMPTY]


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


async def test_what_a_connection_took_from_several_queues_it_ends(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine, "c")
        box = wait_for_any(engine, 0.0, worker)
        await box.wait_for(1)
        assert await ask(engine, Done(job), caller(ADA, GROUP)) == Refused(Code.RESERVATION_LOST)
        assert await ask(engine, Done(job), worker.who) == OK
