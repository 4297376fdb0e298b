"""Engine time: anchored once, moved by nothing but itself; only recurrences follow the wall."""

import pytest
import trio
from attrs import define
from trio.testing import MockClock

from engine.clock import JUMP, WATCH, Clock
from engine.commands import ListJobs, Publish, PublishOptions, Reserve, SetRecurrence, Subscribe
from engine.directory import Directory
from engine.job import JobState
from engine.testing import START, memory_engine
from tests.support.desk import WHO, Box, Worker, ask, publish, reserve, settle, state_of
from tests.support.stores import GatedStore

HOUR = 3_600.0
DAY = 24 * HOUR


@define
class Wall:
    """A wall clock that somebody sets; it runs as fast as trio's."""

    at: float = START

    def __call__(self) -> float:
        return self.at + trio.current_time()


async def ticks(engine: Directory) -> list[float]:
    """Ticks of the jobs that a recurrence made, in order of their making."""
    page = await ask(engine, ListJobs("q", limit=1_000))
    return [job.more.tick for job in page.jobs]


async def test_time_is_the_wall_once_and_trio_ever_after(autojump_clock: MockClock) -> None:
    await trio.sleep(17.25)
    wall = Wall()
    clock = Clock(wall)
    assert clock.now() == START + 17.25
    wall.at += 1_000
    await trio.sleep(2.5)
    assert clock.now() == START + 19.75
    assert clock.deadline(START + 30.0) == 30.0
    assert clock.shift == 0.0


@pytest.mark.parametrize("jump", [JUMP, -JUMP, 1e9, -1e9])
async def test_a_look_notices_a_jump_once(autojump_clock: MockClock, jump: float) -> None:
    wall = Wall()
    clock = Clock(wall)
    assert not clock.look()
    wall.at += jump
    assert clock.look()
    assert clock.shift == pytest.approx(jump)
    assert not clock.look()
    wall.at -= jump
    assert clock.look()
    assert clock.shift == pytest.approx(0.0)


async def test_a_slow_drift_is_followed_at_last(autojump_clock: MockClock) -> None:
    wall = Wall()
    clock = Clock(wall)
    looks = []
    for _ in range(10):
        wall.at += 0.1
        looks.append(clock.look())
    assert looks == [False, False, True] * 3 + [False]


async def test_who_watches_is_told_within_seconds(autojump_clock: MockClock) -> None:
    wall = Wall()
    clock = Clock(wall)
    told: list[float] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clock.watch, lambda: told.append(trio.current_time()))
        await trio.sleep(100)
        assert told == []
        wall.at -= HOUR
        await trio.sleep(WATCH + 0.1)
        assert len(told) == 1
        await trio.sleep(100)
        assert len(told) == 1
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("jump", [-1e9, -DAY, -1.0, 1.0, DAY, 1e9])
async def test_a_jump_changes_no_duration(autojump_clock: MockClock, jump: float) -> None:
    wall = Wall()
    async with memory_engine(clock=Clock(wall)) as engine:
        delayed = await ask(engine, Publish("q", "t", b"", PublishOptions(delay=30.0)))
        dying = await ask(engine, Publish("p", "t", b"", PublishOptions(time_to_live=40.0)))
        leased = await publish(engine, "r")
        assert len(await reserve(engine, "r", lease=20.0)) == 1
        parked = Box()
        engine.submit(WHO, Reserve("s", wait=50.0), parked)
        await settle()
        wall.at += jump
        for at, job, before, after in (
            (20.0, leased, JobState.RESERVED, JobState.READY),
            (30.0, delayed.job, JobState.SCHEDULED, JobState.READY),
            (40.0, dying.job, JobState.READY, JobState.EXPIRED),
        ):
            await trio.sleep_until(at - 0.001)
            assert await state_of(engine, job) is before
            await trio.sleep_until(at + 0.001)
            assert await state_of(engine, job) is after
        await trio.sleep_until(49.999)
        assert parked.got == []
        await trio.sleep_until(50.001)
        assert len(parked.got) == 1


async def test_ticks_follow_the_wall_forward(autojump_clock: MockClock) -> None:
    wall = Wall()
    async with memory_engine(clock=Clock(wall)) as engine:
        await ask(engine, SetRecurrence("q", "t", "@hourly"))
        first = START - START % HOUR + HOUR
        await trio.sleep(first - START + 1)
        assert await ticks(engine) == [first]
        wall.at += HOUR / 2
        await trio.sleep(HOUR / 2)
        assert await ticks(engine) == [first, first + HOUR]


async def test_a_tick_that_a_jump_passes_over_is_made_up_for_once_or_skipped(
    autojump_clock: MockClock,
) -> None:
    wall = Wall()
    async with memory_engine(clock=Clock(wall)) as engine:
        await ask(engine, SetRecurrence("q", "once", "@hourly", missed="once"))
        await ask(engine, SetRecurrence("q", "skip", "@hourly", missed="skip"))
        await settle()
        wall.at += 10 * HOUR
        await trio.sleep(WATCH + 1)
        page = await ask(engine, ListJobs("q"))
        newest = START - START % HOUR + 10 * HOUR
        assert [(job.type, job.more.tick) for job in page.jobs] == [("once", newest)]


async def test_ticks_follow_the_wall_back_and_none_comes_twice(
    autojump_clock: MockClock,
) -> None:
    wall = Wall()
    async with memory_engine(clock=Clock(wall)) as engine:
        await ask(engine, SetRecurrence("q", "t", "@hourly"))
        first = START - START % HOUR + HOUR
        await trio.sleep(first - START + 1 + HOUR)
        seen = [first, first + HOUR]
        assert await ticks(engine) == seen
        wall.at -= 2 * HOUR
        await trio.sleep(2 * HOUR - 2)
        assert await ticks(engine) == seen
        await trio.sleep(HOUR + WATCH)
        assert await ticks(engine) == [*seen, first + 2 * HOUR]


async def test_a_wall_that_shakes_fires_each_tick_once(autojump_clock: MockClock) -> None:
    wall = Wall()
    async with memory_engine(clock=Clock(wall)) as engine:
        await ask(engine, SetRecurrence("q", "t", "* * * * *"))
        for number in range(120):
            await trio.sleep(13.0)
            wall.at += (-1) ** number * (1.0 + number % 7)
        seen = await ticks(engine)
        assert len(seen) == len(set(seen)) >= 20
        assert seen == sorted(seen)


async def test_no_tick_comes_twice_over_a_restart_with_the_wall_set_back(
    autojump_clock: MockClock,
) -> None:
    store, wall = GatedStore(), Wall()
    first = START - START % HOUR + HOUR
    async with memory_engine(store, clock=Clock(wall)) as engine:
        await ask(engine, SetRecurrence("q", "t", "@hourly"))
        await trio.sleep(first - START + 1)
        assert await ticks(engine) == [first]
    wall.at -= HOUR
    async with memory_engine(store, clock=Clock(wall)) as engine:
        await trio.sleep(HOUR)
        assert await ticks(engine) == [first]
        await trio.sleep(HOUR)
        assert await ticks(engine) == [first, first + HOUR]


async def test_a_subscriber_gets_the_job_of_a_tick_in_its_second(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        await ask(engine, Subscribe("q"), worker.who)
        await ask(engine, SetRecurrence("q", "t", "@every 7s", payload=b"tick"))
        await trio.sleep(7.001)
        assert [job.payload for job in worker.pushed] == [b"tick"]
