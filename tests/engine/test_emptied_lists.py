"""A list that was emptied at one stroke is shown empty, any other without entries is not shown."""

import pytest
from trio.testing import MockClock

from engine.commands import (
    Delete,
    DeleteQueue,
    Describe,
    KickAll,
    Pause,
    Purge,
    Subscribe,
    Unsubscribe,
)
from engine.directory import Directory
from engine.replies import OK, QueueView
from engine.testing import memory_engine
from tests.support.desk import Worker, ask, publish

Lengths = tuple[int | None, int | None]


async def lengths(engine: Directory) -> Lengths:
    """Of the jobs and of the workers; None where there is no list."""
    queue = await ask(engine, Describe("q", 10))
    assert isinstance(queue, QueueView)
    jobs = None if queue.jobs is None else len(queue.jobs)
    return jobs, None if queue.workers is None else len(queue.workers)


async def test_jobs(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, Pause("q")) == OK
        assert await lengths(engine) == (None, None)
        await publish(engine)
        assert await lengths(engine) == (1, None)
        assert await ask(engine, Purge("q")) == OK
        assert await lengths(engine) == (0, None)
        job = await publish(engine)
        assert await ask(engine, Delete(job)) == OK
        assert await lengths(engine) == (None, None)


async def test_workers(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        assert await lengths(engine) == (None, 1)
        assert await ask(engine, KickAll("q")) == OK
        assert await lengths(engine) == (None, 0)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        assert await ask(engine, Unsubscribe("q"), worker.who) == OK
        assert await lengths(engine) == (None, None)


@pytest.mark.parametrize("emptying", [Purge("q"), KickAll("q")])
async def test_a_queue_made_anew_was_never_emptied(
    autojump_clock: MockClock, emptying: object
) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, Pause("q")) == OK
        assert await ask(engine, emptying) == OK
        assert 0 in await lengths(engine)
        assert await ask(engine, DeleteQueue("q")) == OK
        assert await ask(engine, Pause("q")) == OK
        assert await lengths(engine) == (None, None)
