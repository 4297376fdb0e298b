"""What queues and the engine count of themselves."""

from collections.abc import Iterator

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Cancel, Counts, Done, Fail, Pause, Publish
from engine.commands.publishing import PublishOptions
from engine.figures import MOST_TYPES, OTHER, SECONDS, Distribution, Histogram, QueueFigures
from engine.job import JobState
from engine.testing import memory_engine
from tests.support.desk import GROUP, WHO, Box, ask, publish, reserve
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore


def only(figures: Iterator[QueueFigures]) -> QueueFigures:
    (one,) = figures
    return one


def at(counts: tuple[int, ...], state: JobState) -> int:
    return counts[state]


@pytest.mark.parametrize(
    ("value", "bucket"), [(0.0, 0), (0.001, 0), (0.0011, 1), (86_400.0, 15), (1e9, 16)]
)
def test_a_value_falls_into_the_first_bucket_that_holds_it(value: float, bucket: int) -> None:
    histogram = Histogram()
    histogram.note(value)
    seen = histogram.seen()
    assert seen.counts == tuple(int(n == bucket) for n in range(len(SECONDS) + 1))
    assert seen.total == value


def test_values_of_one_bucket_are_counted_together() -> None:
    histogram = Histogram((1.0, 10.0))
    for value in (0.5, 2.0, 10.0, 11.0):
        histogram.note(value)
    assert histogram.seen() == Distribution((1.0, 10.0), (1, 2, 1), 23.5)


async def test_a_queue_counts_what_it_did(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, kind="a")
        canceled = await publish(engine, kind="b")
        await publish(engine, kind="b")
        await ask(engine, Cancel(canceled))
        await trio.sleep(3)
        (job,) = await reserve(engine, types=("a",))
        await trio.sleep(20)
        await ask(engine, Done(job.id, job.reservation))
        (job,) = await reserve(engine)
        await ask(engine, Fail(job.id, job.reservation, retry=False))
        found, told = only(engine.figures()), await ask(engine, Counts("q"))
    assert (found.group, found.name, found.published) == (GROUP, "q", 3)
    assert (told.published, told.finished, told.paused, told.draining) == (3, 1, False, False)
    assert found.finished["a"][JobState.DONE :] == (1, 0, 0, 0)
    assert found.finished["b"][JobState.DONE :] == (0, 1, 1, 0)
    assert at(found.jobs["a"], JobState.DONE) == 1
    assert sum(found.jobs["b"]) == 2
    assert found.waiting.total == pytest.approx(26)
    assert found.running.total == pytest.approx(20)
    assert sum(found.waiting.counts) == sum(found.running.counts) == 2
    assert found.oldest_waiting is None


async def test_the_oldest_waiting_is_no_later_than_any(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, Publish("q", "low", b"", PublishOptions(priority=1000)))
        assert only(engine.figures()).oldest_waiting == 0
        await trio.sleep(5)
        await publish(engine)
        await ask(engine, Publish("q", "t", b"", PublishOptions(delay=60.0)))
        assert only(engine.figures()).oldest_waiting == pytest.approx(5)
        await trio.sleep(1)
        assert only(engine.figures()).oldest_waiting == pytest.approx(6)


async def test_types_counted_apart_are_bounded(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        for number in range(MOST_TYPES + 5):
            await ask(engine, Cancel(await publish(engine, kind=f"t{number}")))
        found = only(engine.figures())
    assert len(found.finished) == MOST_TYPES + 1
    assert found.finished[OTHER][JobState.CANCELED] == 5
    assert sum(map(sum, found.finished.values())) == MOST_TYPES + 5


async def test_counters_outlive_a_crash(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        await publish(engine)
        (job,) = await reserve(engine)
        await ask(engine, Done(job.id, job.reservation))
        box = Box()
        engine.submit(WHO, crash(), box)
        await box.wait_for(1)
        await publish(engine)
        found = only(engine.figures())
    assert found.published == 2
    assert found.finished["t"][JobState.DONE] == 1


async def test_a_queue_tells_how_it_stands(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, Pause("q"))
        found = only(engine.figures())
    assert (found.paused, found.draining, found.failed, found.workers) == (True, False, False, 0)


async def test_the_engine_counts_commits_and_what_waits_for_them(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore(delay=0.02)
    async with memory_engine(store) as engine:
        before = engine.statistics()
        await publish(engine)
        await trio.sleep(2)
        after = engine.statistics()
        assert (after.commits - before.commits, after.queues, after.stalled) == (1, 1, 0.0)
        took = after.commit_seconds.total - before.commit_seconds.total
        assert took == pytest.approx(0.02)
        assert sum(after.batch_steps.counts) - sum(before.batch_steps.counts) == 1
        assert after.uptime - before.uptime == pytest.approx(2.02)
        assert (after.store_kind, after.refusing, after.stopping) == ("memory", False, False)
        async with store.closed():
            engine.submit(WHO, Publish("q", "t", b""), Box())
            await trio.sleep(9)
            assert engine.statistics().stalled == pytest.approx(9)
