"""A queue that drains: nothing new, everything old; also across a restart and for schedules."""

import trio
from trio.testing import MockClock

from engine.commands import (
    Counts,
    Done,
    Drain,
    ListRecurrences,
    ListWorkers,
    NewJob,
    Pause,
    PreviewCron,
    Publish,
    PublishMany,
    PublishOptions,
    Resume,
    RunRecurrence,
    SetRecurrence,
    Subscribe,
)
from engine.job import JobPolicy
from engine.replies import OK, Code, Published, Refused
from engine.store.memory import MemoryStore
from engine.testing import START, memory_engine
from tests.support.desk import Worker, ask, publish, reserve

DRAINING = Refused(Code.DRAINING)


async def test_what_is_there_is_handed_out_and_nothing_new_comes_in(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        assert await ask(engine, Drain("q")) == OK
        assert await ask(engine, Publish("q", "t", b"")) == DRAINING
        refused = await ask(engine, PublishMany("q", (NewJob("t", b""),)))
        assert refused.code is Code.DRAINING
        (held,) = await reserve(engine)
        assert await ask(engine, Done(job, held.reservation)) == OK
        assert (await ask(engine, Counts("q"))).draining
        assert await ask(engine, Resume("q")) == OK
        assert not (await ask(engine, Counts("q"))).draining
        assert isinstance(await ask(engine, Publish("q", "t", b"")), Published)


async def test_resume_ends_pause_and_drain_together(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        assert await ask(engine, Drain("q")) == OK
        assert await ask(engine, Pause("q")) == OK
        assert await reserve(engine) == ()
        assert await ask(engine, Resume("q")) == OK
        assert len(await reserve(engine)) == 1
        assert await publish(engine)


async def test_schedules_rest_while_a_queue_drains(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        once = SetRecurrence("q", "tick", "@every 600s", missed="once")
        number = (await ask(engine, once)).number
        await ask(engine, SetRecurrence("q", "skipped", "@every 600s"))
        assert await ask(engine, Drain("q")) == OK
        assert await ask(engine, RunRecurrence("q", number)) == DRAINING
        assert await ask(engine, SetRecurrence("q", "now", "@hourly", once_now=True)) == DRAINING
        (tick, _) = (await ask(engine, ListRecurrences("q"))).recurrences
        assert (tick.next_tick, tick.missed, tick.overlap) == (None, "once", "allow")
        await trio.sleep(1_900)
        assert (await ask(engine, Counts("q"))).published == 0
        assert await ask(engine, Resume("q")) == OK
        await trio.sleep(1)
        assert [job.type for job in await reserve(engine, limit=10)] == ["tick"]


async def test_a_restart_drains_on_and_no_queue_that_drains_retires(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store, idle=10.0) as engine:
        options = PublishOptions(policy=JobPolicy(keep_done=1.0))
        job = (await ask(engine, Publish("q", "t", b"", options))).job
        await ask(engine, Drain("q"))
        (held,) = await reserve(engine)
        await ask(engine, Done(job, held.reservation))
        await trio.sleep(100.0)
        assert await ask(engine, Publish("q", "t", b"")) == DRAINING
    async with memory_engine(store, idle=10.0) as engine:
        assert await ask(engine, Publish("q", "t", b"")) == DRAINING
        assert await ask(engine, Resume("q")) == OK


async def test_who_is_subscribed(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker("host:7")
        assert await ask(engine, Subscribe("q", ("a", "b"), 3), worker.who) == OK
        (shown,) = (await ask(engine, ListWorkers("q"))).workers
        assert (shown.address, shown.types, shown.credit) == ("host:7", ("a", "b"), 3)
        assert await ask(engine, ListWorkers("no")) == Refused(Code.UNKNOWN_QUEUE)


async def test_the_next_times_of_a_schedule(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        ticks = (await ask(engine, PreviewCron("@every 90s", 3, ""))).ticks
        assert [tick - START for tick in ticks] == [90.0, 180.0, 270.0]
        (noon,) = (await ask(engine, PreviewCron("0 12 * * *", 1, "Asia/Tokyo"))).ticks
        assert noon % 86_400 == 3 * 3_600
        for text, zone in (("nonsense", ""), ("@hourly", "No/Where"), ("", "")):
            refused = await ask(engine, PreviewCron(text, 1, zone))
            assert refused.code is Code.INVALID_CRON
        six = await ask(engine, PreviewCron("0 0 12 * * *", 1, "", seconds=False))
        assert six.code is Code.INVALID_CRON
