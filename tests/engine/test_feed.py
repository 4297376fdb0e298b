"""Events: told when durable, in order, to whom they concern, and never buffered without end."""

from collections.abc import Iterator, MutableMapping, Sequence
from functools import partial
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import (
    Cancel,
    Delete,
    DeleteQueue,
    Done,
    Drain,
    DropRecurrence,
    Edit,
    Fail,
    Pause,
    Progress,
    Publish,
    Release,
    Reset,
    Resume,
    SetRecurrence,
    Started,
    Subscribe,
)
from engine.commands.publishing import PublishOptions
from engine.directory.feed import LINGER, Listener
from engine.events import Event, EventId, Filter, What
from engine.job import JobPolicy, JobState
from engine.testing import START, memory_engine
from tests.support.desk import GROUP, WHO, Box, Worker, ask, publish, reserve, settle
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

ALL = Filter()


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    plant(monkeypatch)
    with capture_logs() as logs:
        yield logs


async def heard(listener: Listener, count: int) -> list[Event]:
    """The next so many events."""
    got: list[Event] = []
    with trio.fail_after(60):
        while len(got) < count:
            got += await listener.next()
    return got


def whats(events: Sequence[Event]) -> list[str]:
    return [event.what.value for event in events]


async def test_a_job_is_told_from_publish_to_done(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            job = await publish(engine)
            (taken,) = await reserve(engine)
            await ask(engine, Started(job, taken.reservation))
            await ask(engine, Progress(job, 0.5, "half", taken.reservation))
            await ask(engine, Done(job, taken.reservation))
            got = await heard(listener, 6)
    assert whats(got) == ["queue-made", "published", "reserved", "started", "progress", "done"]
    assert [event.number for event in got] == [1, 2, 3, 4, 5, 6]
    done = got[-1]
    assert (done.group, done.queue, done.job, done.type) == (GROUP, "q", job, "t")
    assert (done.before, done.after) == (JobState.RESERVED, JobState.DONE)
    assert (done.by, done.attempts, done.progress) == ("ada", 1, 0.5)


async def test_every_way_a_job_goes_has_its_word(autojump_clock: MockClock) -> None:
    policy = JobPolicy(max_attempts=2)
    async with memory_engine() as engine:
        with engine.feed.listen(Filter(types=frozenset({"t"}))) as listener:
            await ask(engine, Publish("q", "t", b"", PublishOptions(policy=policy)))
            for how in (
                Release,
                partial(Fail, error="boom", error_type="Oops", delay=5.0),
                partial(Fail, error="boom", error_type="Oops"),
            ):
                (taken,) = await reserve(engine, wait=10.0)
                await ask(engine, how(taken.id, taken.reservation))
            job = taken.id
            await ask(engine, Reset(job))
            await ask(engine, Edit(job, delay=30.0))
            await ask(engine, Cancel(job))
            await ask(engine, Delete(job))
            got = await heard(listener, 13)
    assert whats(got) == [
        "published", "reserved", "released", "reserved", "retry", "ready", "reserved", "failed",
        "reset", "scheduled", "edited", "canceled", "deleted",
    ]  # fmt: skip
    retry, failed, reset = got[4], got[7], got[8]
    assert (retry.error_type, retry.due) == ("Oops", retry.at + 5.0)
    assert (failed.error_type, failed.reason, failed.due) == ("Oops", "attempts", None)
    assert reset.reason == ""
    assert (got[-1].before, got[-1].after) == (JobState.CANCELED, None)


async def test_what_happens_to_a_queue_is_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            worker = Worker()
            await ask(engine, Subscribe("q"), worker.who)
            await ask(engine, Pause("q"))
            await ask(engine, Drain("q"))
            await ask(engine, Resume("q"))
            made = await ask(engine, SetRecurrence("q", "tick", "0 0 1 1 *", b""))
            await ask(engine, DropRecurrence("q", made.number))
            engine.gone(worker)
            await settle()
            await ask(engine, DeleteQueue("q"))
            got = await heard(listener, 9)
    assert whats(got) == [
        "queue-made", "worker-came", "paused", "drained", "resumed", "recurrence-set",
        "recurrence-dropped", "worker-left", "queue-deleted",
    ]  # fmt: skip
    assert {event.at for event in got} == {START}
    assert {event.what.value for event in got if event.by != "ada"} == {
        "queue-made",
        "queue-deleted",
    }
    assert [event.type for event in got[5:7]] == ["tick", "tick"]


async def test_nothing_is_told_before_it_is_durable(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        with engine.feed.listen(ALL) as listener:
            box = Box()
            async with store.closed():
                engine.submit(WHO, Publish("q", "t", b""), box)
                await trio.sleep(100)
                assert store.waiting == 1
                with trio.move_on_after(100) as waited:
                    await listener.next()
                assert waited.cancelled_caught
                assert engine.feed.last.number == 0
            assert whats(await heard(listener, 2)) == ["queue-made", "published"]
            assert len(box.got) == 1


async def test_events_of_a_batch_that_crashed_are_never_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            kept = await publish(engine)
            boxes = [Box(), Box()]
            engine.submit(WHO, Publish("q", "t", b""), boxes[0])
            engine.submit(WHO, crash(), boxes[1])
            for box in boxes:
                await box.wait_for(1)
            later = await publish(engine)
            got = await heard(listener, 3)
    assert [(event.what, event.job) for event in got] == [
        (What.QUEUE_MADE, ""), (What.PUBLISHED, kept), (What.PUBLISHED, later),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (Filter(group="other"), []),
        (Filter(group=GROUP, queues=frozenset({"b"})), ["queue-made", "published"]),
        (Filter(types=frozenset({"t"}), whats=frozenset({What.PUBLISHED})), ["published"] * 2),
        (Filter(states=frozenset({JobState.RESERVED})), ["reserved"]),
    ],
)
async def test_a_filter_passes_what_it_names(
    wanted: Filter, seen: list[str], autojump_clock: MockClock
) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(wanted) as listener:
            await publish(engine, "a")
            await publish(engine, "b")
            await reserve(engine, "a")
            await engine.stop()
            got: list[Event] = []
            while more := await listener.next():
                got += more
    assert whats(got) == seen


async def test_a_listener_goes_on_where_it_stopped(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            first = await publish(engine)
            got = await heard(listener, 2)
        at = EventId(engine.feed.last.boot, got[-1].number)
        missed = await publish(engine)
        await trio.sleep(LINGER - 1)
        with engine.feed.listen(ALL, at) as again:
            assert not again.gap
            assert [event.job for event in await heard(again, 1)] == [missed]
        assert first != missed


async def test_after_a_while_alone_the_feed_forgets_and_says_so(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            at = listener.start
        await trio.sleep(LINGER + 1)
        with engine.feed.listen(ALL, at) as again:
            assert not again.gap  # nothing happened meanwhile
        await trio.sleep(LINGER + 1)
        for _ in range(3):
            await publish(engine)
        with engine.feed.listen(ALL, at) as late:
            assert late.gap
            job = await publish(engine)
            assert [event.job for event in await heard(late, 1)] == [job]


@pytest.mark.parametrize("after", [EventId(99, 1), EventId(1, 99), EventId(1, -1)])
async def test_a_place_nobody_knows_is_a_gap(after: EventId, autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL, after) as listener:
            assert listener.gap


async def test_what_fell_out_of_the_ring_is_a_gap(autojump_clock: MockClock) -> None:
    async with memory_engine(events=10) as engine:
        with engine.feed.listen(ALL) as listener:
            start = listener.start
            for _ in range(40):
                await publish(engine)
            with engine.feed.listen(ALL, start) as late:
                assert late.gap
            recent = EventId(start.boot, engine.feed.last.number - 10)
            with engine.feed.listen(ALL, recent) as near:
                assert not near.gap
                assert len(await heard(near, 10)) == 10


async def test_a_slow_listener_is_cut_off_and_others_are_not(autojump_clock: MockClock) -> None:
    async with memory_engine(events=10) as engine:
        with engine.feed.listen(ALL) as slow, engine.feed.listen(ALL) as quick:
            for _ in range(40):
                await publish(engine)
                assert len(await heard(quick, 1)) in {1, 2}
            assert list(await slow.next()) == []
            assert slow.cut
            assert not quick.cut
            assert engine.statistics().listeners == 2
        assert engine.statistics().listeners == 0


async def test_what_the_only_listener_has_heard_is_let_go(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with engine.feed.listen(ALL) as listener:
            for number in range(5):
                await publish(engine)
                got = await heard(listener, 2 if number == 0 else 1)
                assert listener._channel.events == []
            with engine.feed.listen(ALL) as second:
                job = await publish(engine)
                assert [event.job for event in await heard(listener, 1)] == [job]
                assert [event.job for event in await heard(second, 1)] == [job]
        assert [event.number for event in got] == [6]


async def test_nobody_listens_and_nothing_is_collected(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        assert engine.feed.last.number == 0
        with engine.feed.listen(ALL):
            await publish(engine)
            assert engine.feed.last.number == 1


async def test_the_end_of_the_engine_is_the_end_of_the_feed(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine, trio.open_nursery() as nursery:
        ends: list[Sequence[Event]] = []

        async def follow() -> None:
            with engine.feed.listen(ALL) as listener:
                ends.append(await listener.next())
                assert not listener.cut

        nursery.start_soon(follow)
        await settle()
        await engine.stop()
    assert [list(end) for end in ends] == [[]]


def test_an_event_id_is_written_with_its_boot() -> None:
    assert str(EventId(3, 14)) == "3-14"
