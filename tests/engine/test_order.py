"""Pages of a queue's jobs that begin anywhere, from either end."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from engine.commands import Delete, Fail, ListJobs, Publish, Reserve
from engine.job import JobState
from engine.queue_state.order import SeqOrder
from engine.replies import Granted, Jobs, Published
from engine.testing import START, memory_engine
from tests.support.desk import WHO, Desk


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 300)), max_size=400), st.integers(0, 301))
def test_any_coming_and_going_leaves_the_order(steps: list[tuple[bool, int]], cut: int) -> None:
    jobs: dict[int, None] = {}
    order = SeqOrder(jobs.keys())
    for comes, seq in steps:
        if comes and seq not in jobs:
            jobs[seq] = None
            order.add(seq)
        elif not comes:
            jobs.pop(seq, None)
    assert list(order.after(cut)) == sorted(seq for seq in jobs if seq > cut)
    assert list(order.before(cut)) == sorted((seq for seq in jobs if seq < cut), reverse=True)
    assert list(order.before(None)) == sorted(jobs, reverse=True)


def test_what_is_gone_is_dropped_in_time() -> None:
    jobs: dict[int, None] = {}
    order = SeqOrder(jobs.keys())
    for seq in range(10_000):
        jobs[seq] = None
        order.add(seq)
        jobs.pop(seq - 10, None)
    assert len(order._seqs) <= 2 * len(jobs) + 65


async def published(engine: Desk, count: int) -> list[str]:
    ids: list[str] = []
    for number in range(count):
        reply = await engine.execute(WHO, Publish("q", "t", b"%d" % number))
        assert isinstance(reply, Published)
        ids.append(reply.job)
    return ids


async def page(engine: Desk, **said: Any) -> tuple[list[str], int | None]:
    reply = await engine.execute(WHO, ListJobs("q", **said))
    assert isinstance(reply, Jobs)
    return [job.id for job in reply.jobs], reply.next


async def test_pages_from_the_newest_on(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        ids = await published(engine, 5)
        first, cursor = await page(engine, limit=2, newest_first=True)
        assert first == [ids[4], ids[3]]
        second, cursor = await page(engine, limit=2, newest_first=True, after=cursor)
        assert second == [ids[2], ids[1]]
        assert await page(engine, limit=2, newest_first=True, after=cursor) == ([ids[0]], None)


async def test_a_job_that_went_to_the_tail_is_on_the_last_page(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        ids = await published(engine, 3)
        granted = await engine.execute(WHO, Reserve("q"))
        assert isinstance(granted, Granted)
        job = granted.jobs[0]
        await engine.execute(WHO, Fail(job.id, job.reservation, delay=0.0, to_tail=True))
        await engine.execute(WHO, Delete(ids[1]))
        assert await page(engine) == ([ids[2], ids[0]], None)


async def test_jobs_of_a_time(mock_clock: MockClock) -> None:
    async with memory_engine() as engine:
        old = await published(engine, 2)
        mock_clock.jump(60.0)
        new = await published(engine, 2)
        assert await page(engine, since=START + 60.0) == (new, None)
        assert await page(engine, until=START + 60.0) == (old, None)
        assert await page(engine, since=START + 1.0, until=START + 60.0) == ([], None)


async def test_a_rare_filter_is_looked_for_in_parts(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    async with memory_engine() as engine:
        ids = await published(engine, 7)
        await engine.execute(WHO, Delete(ids[0]))
        from engine.queue_state import reading

        monkeypatch.setattr(reading, "MOST_LOOKS", 4)
        found, cursor = await page(engine, states=(JobState.FAILED,))
        assert found == []
        assert cursor is not None
        assert await page(engine, states=(JobState.FAILED,), after=cursor) == ([], None)
