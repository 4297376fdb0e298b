"""How many jobs went into a topic and out of it, and when."""

import pytest
from trio.testing import MockClock

from jobyard.library import Engine, open_engine
from jobyard.topics import TopicStats
from tests.library.opening import Open, pass_time


async def test_first_last_and_total(engine: Engine, mock_clock: MockClock) -> None:
    now = engine.directory.clock.now
    first_push = now()
    await engine.enqueue("mail", "a")
    await pass_time(mock_clock, 1)
    last_push = now()
    await engine.enqueue("mail", "b", delay=0)
    assert await engine.topic_stats("mail") == TopicStats(2, first_push, last_push)
    await pass_time(mock_clock, 1)
    first_pop = now()
    (job, _) = await engine.reserve("mail", 10)
    await job.retry(delay=3)
    assert await engine.reserve("mail") == []
    await pass_time(mock_clock, 3)
    last_pop = now()
    await engine.reserve("mail")
    found = await engine.topic_stats("mail")
    assert found == TopicStats(2, first_push, last_push, 3, first_pop, last_pop)


async def test_what_is_forgotten_still_counts(engine: Engine, mock_clock: MockClock) -> None:
    await engine.enqueue("mail", "a")
    (job,) = await engine.reserve("mail")
    await job.done()
    await pass_time(mock_clock, 25 * 3_600)
    found = await engine.topic_stats("mail")
    assert (found.pushes, found.pops) == (1, 1)


async def test_a_job_that_a_unique_key_found_is_no_push(engine: Engine) -> None:
    from engine.commands import NewJob, Publish, PublishMany, PublishOptions

    once = PublishOptions(unique_key="k")
    await engine.execute(Publish("mail", "", b"", once))
    await engine.execute(Publish("mail", "", b"", once))
    await engine.execute(PublishMany("mail", (NewJob("", b"", once), NewJob("", b""))))
    assert (await engine.topic_stats("mail")).pushes == 2


@pytest.mark.parametrize("opened", ["durable"], indirect=True)
async def test_what_the_kept_jobs_tell_after_a_restart(opened: Open, mock_clock: MockClock) -> None:
    async with opened() as engine:
        now = engine.directory.clock.now
        await engine.enqueue("mail", "a")
        await engine.enqueue("mail", "b")
        await pass_time(mock_clock, 1)
        (job,) = await engine.reserve("mail")
        await job.retry(delay=0)
        await pass_time(mock_clock, 1)
        (job,) = await engine.reserve("mail")
        before = await engine.topic_stats("mail")
        assert (before.pushes, before.pops) == (2, 2)
    async with opened() as engine:
        assert await engine.topic_stats("mail") == before
    async with opened() as engine:
        # Handed out before anybody asks: what was before is told from what comes now.
        now = engine.directory.clock.now
        await pass_time(mock_clock, 100)
        jobs = await engine.reserve("mail", 10)
        assert len(jobs) == 2
        popped = now()
        await engine.enqueue("mail", "c")
        found = await engine.topic_stats("mail")
    assert (found.pushes, found.pops) == (3, 4)
    assert found.first_push == before.first_push
    assert found.first_pop == before.first_pop
    assert found.last_pop == popped


async def test_nothing_is_left_of_a_topic_in_memory() -> None:
    async with open_engine() as engine:
        await engine.enqueue("mail", "a")
    async with open_engine() as engine:
        assert await engine.topics() == []
