"""Who sends no more waits for nothing: its client may be dead, and a job would be lost on it."""

from trio.testing import MockClock

from engine.commands import Reserve, ReserveAny, Subscribe, Wait
from engine.job import JobState
from engine.replies import OK, Granted
from engine.testing import memory_engine
from tests.support.desk import Box, Worker, ask, publish, reserve, settle


async def test_its_reserves_are_told_that_nothing_came(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        gone, one, any_of = Worker("gone"), Box(), Box()
        engine.submit(gone.who, Reserve("q", wait=600.0), one)
        engine.submit(gone.who, ReserveAny(("q", "other"), wait=600.0), any_of)
        await settle()
        engine.half_closed(gone)
        await settle()
        assert (one.only, any_of.only) == (Granted(()), Granted(()))
        await publish(engine)
        assert len(await reserve(engine)) == 1


async def test_what_it_said_last_does_not_wait_either(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job, gone = await publish(engine, "r"), Worker("gone")
        waits, one, any_of = Box(), Box(), Box()
        engine.submit(gone.who, Wait(job, 600.0), waits)
        engine.submit(gone.who, Reserve("q", wait=600.0), one)
        engine.submit(gone.who, ReserveAny(("q", "s"), wait=600.0), any_of)
        engine.half_closed(gone)
        await settle()
        assert waits.only.job.state is JobState.READY
        assert (one.only, any_of.only) == (Granted(()), Granted(()))


async def test_its_waits_show_the_job_as_it_is(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        gone, other, mine, theirs = Worker("gone"), Worker("other"), Box(), Box()
        engine.submit(gone.who, Wait(job, 600.0), mine)
        engine.submit(other.who, Wait(job, 600.0), theirs)
        await settle()
        engine.half_closed(gone)
        await settle()
        assert mine.only.job.state is JobState.READY
        assert theirs.got == []


async def test_what_it_holds_stays_until_it_is_gone(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job, worker = await publish(engine), Worker("worker")
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        await settle()
        engine.half_closed(worker)
        await settle()
        assert (await ask(engine, Wait(job, 0.0))).job.state is JobState.RESERVED
        engine.gone(worker)
        await settle()
        assert (await ask(engine, Wait(job, 0.0))).job.state is JobState.READY
