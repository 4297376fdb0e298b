"""An engine whose time stands still: what moves it, and what does not."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from itertools import pairwise
from typing import Any

import pytest
import trio

from engine.testing import START
from jobyard.errors import BadArgument, NotFound, ReservationLost
from jobyard.job import Job
from jobyard.testing import VirtualEngine
from jobyard.virtual import Stuck, VirtualLoop

Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


@pytest.fixture
def virtual() -> Iterator[VirtualEngine]:
    with VirtualEngine() as engine:
        yield engine


def on_asyncio(program: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(program())


@pytest.fixture(params=[trio.run, on_asyncio], ids=["trio", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.param
    return found


def test_time_stands_still_and_passes_when_told(virtual: VirtualEngine) -> None:
    assert virtual.now == START
    made = virtual.publish("mail", "welcome", delay=3 * 3_600)
    virtual.advance(hours=2, minutes=59, seconds=59.9)
    assert virtual.reserve("mail") == ()
    virtual.advance(seconds=0.2)
    (job,) = virtual.reserve("mail")
    assert job.id == made.job
    virtual.advance(days=1)
    assert virtual.now == pytest.approx(START + 27 * 3_600 + 0.1, abs=1e-3)
    with pytest.raises(ReservationLost):
        virtual.done(job)
    with pytest.raises(BadArgument):
        virtual.advance(seconds=-1)


def test_a_call_that_waits_moves_time_and_takes_none(virtual: VirtualEngine) -> None:
    virtual.publish("mail", "welcome", delay=40)
    began = time.monotonic()
    assert virtual.reserve("mail", wait=30) == ()
    assert virtual.now == pytest.approx(START + 30, abs=1e-3)
    assert len(virtual.reserve_any(["other", "mail"], wait=1_000_000)) == 1
    assert virtual.now == pytest.approx(START + 40, abs=1e-3)
    assert time.monotonic() - began < 30


def test_everything_due_happens_at_its_own_instant(virtual: VirtualEngine) -> None:
    virtual.set_recurrence("mail", "digest", "@every 1m")
    virtual.advance(minutes=90, seconds=30)
    jobs = virtual.list("mail", limit=1_000).jobs
    assert len(jobs) == 90
    gaps = [late.created_at - soon.created_at for soon, late in pairwise(jobs)]
    assert gaps == pytest.approx([60] * 89, abs=1e-3)


def test_a_lease_lapses_and_the_job_comes_again(virtual: VirtualEngine) -> None:
    virtual.publish("mail", "welcome", lease=10)
    (first,) = virtual.reserve("mail")
    (second,) = virtual.reserve("mail", wait=60)
    assert (second.id, second.lapses) == (first.id, 1)
    assert virtual.now == pytest.approx(START + 10, abs=1e-3)


def test_what_nothing_brings_about_is_stuck() -> None:
    loop = VirtualLoop().start()
    try:
        with pytest.raises(Stuck):
            loop.ask(trio.sleep_forever)
    finally:
        loop.stop()


def test_refusals_are_those_of_the_clients(virtual: VirtualEngine) -> None:
    with pytest.raises(NotFound):
        virtual.get("nobody")


def test_settings_may_be_said_and_wrong_ones_say_so() -> None:
    with VirtualEngine(queues=1) as engine:
        engine.publish("a", "t")
        with pytest.raises(Exception, match="too-many-queues"):
            engine.publish("b", "t")
    with pytest.raises(TypeError):
        VirtualEngine(nonsense=1).start()


def test_engines_do_not_know_each_other_and_end_twice_at_no_harm(virtual: VirtualEngine) -> None:
    with VirtualEngine() as other:
        other.publish("mail", "t")
        with pytest.raises(NotFound):
            virtual.counts("mail")
    other.close()
    with pytest.raises(trio.RunFinishedError):
        other.publish("mail", "t")


def test_who_waits_asynchronously_does_not_move_time(virtual: VirtualEngine, run: Run) -> None:
    async def program() -> None:
        async with virtual.client as client:
            await client.publish("mail", "welcome", {"to": "ada"})
            (job,) = await client.reserve("mail")
            assert job.json() == {"to": "ada"}
            await client.done(job)
            assert (await client.get(job)).state == "done"
            assert virtual.now == START

    run(program)


async def test_a_task_that_waits_is_served_by_another(virtual: VirtualEngine) -> None:
    got: list[Job] = []

    async def work() -> None:
        got.extend(await virtual.client.reserve("mail", wait=60))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        while not nursery.child_tasks:
            await trio.lowlevel.checkpoint()
        await virtual.client.publish("mail", "welcome")
    assert [job.type for job in got] == ["welcome"]
    assert virtual.now == START


async def test_time_that_is_moved_ends_the_wait_of_a_task(virtual: VirtualEngine) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: virtual.client.reserve("mail", wait=60))
        await until_it_waits(virtual)
        virtual.advance(minutes=2)
    assert virtual.now == START + 120


async def test_a_cancelled_wait_takes_nothing(virtual: VirtualEngine) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: virtual.client.reserve("mail", wait=60))
        await until_it_waits(virtual)
        nursery.cancel_scope.cancel()
    made = await virtual.client.publish("mail", "welcome")
    virtual.advance(seconds=1)
    assert (await virtual.client.get(made.job)).state == "ready"


async def test_whenever_a_call_is_cancelled_it_takes_nothing(virtual: VirtualEngine) -> None:
    client = virtual.client
    made = await client.publish("mail", "welcome")
    cancelled = 0

    async def take() -> None:
        nonlocal cancelled
        cancelled += 1
        jobs = await client.reserve("mail")
        cancelled -= 1
        with trio.CancelScope(shield=True):
            for job in jobs:
                await client.release(job)

    for turns in range(40):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(take)
                for _ in range(turns):
                    await trio.lowlevel.checkpoint()
                scope.cancel()
    assert cancelled
    virtual.advance(seconds=1)
    assert virtual.get(made.job).state == "ready"


async def test_closing_the_engine_ends_every_wait(virtual: VirtualEngine) -> None:
    async def wait() -> None:
        with pytest.raises(Stuck):
            await virtual.client.reserve("mail", wait=60)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await until_it_waits(virtual)
        virtual.close()


async def until_it_waits(virtual: VirtualEngine) -> None:
    """Return once a reserve stands in line."""
    while virtual._loop.begin(lambda: _line(virtual)).result() == 0:
        await trio.lowlevel.checkpoint()


async def _line(virtual: VirtualEngine) -> int:
    await trio.lowlevel.checkpoint()
    return sum(len(actor.state.line) for actor in virtual._loop.engine.actors())
