"""The shell round a queue: batches, slices, grants and departures on their way to disk, the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from engine.access import Caller
from engine.commands import (
    Counts,
    Delete,
    DeleteQueue,
    Done,
    Fail,
    Get,
    KickAll,
    NewJob,
    Pause,
    Publish,
    PublishMany,
    PublishOptions,
    Purge,
    Reserve,
    SetRecurrence,
    Subscribe,
    Unsubscribe,
)
from engine.committer import Author
from engine.directory import Directory
from engine.job import JobState
from engine.queue_actor import QueueActor
from engine.queue_state import MOST_CHANGES, Step
from engine.replies import OK, Code, Granted, PublishedMany, Refused
from engine.store.tables import Table
from engine.testing import memory_engine
from tests.support.desk import (
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
from tests.support.stores import GatedStore


@define
class Seen:
    """Steps as they were handed over: by whom, and how many rows changed."""

    steps: list[tuple[str, int, int]] = field(factory=list[tuple[str, int, int]])

    def sizes(self, queue: str) -> list[int]:
        """Rows of a queue's steps that changed any."""
        return [rows for name, rows, _ in self.steps if name == queue and rows]


@contextmanager
def watched(engine: Directory) -> Iterator[Seen]:
    """See every step on its way out; nothing is changed."""
    seen = Seen()
    hand_over = engine.committer.hand_over

    def noting(author: Author, step: Step) -> None:
        assert isinstance(author, QueueActor)
        heads = len(step.changes.get(Table.HEADS, {}))
        seen.steps.append((author.name, heads, len(step.letters)))
        hand_over(author, step)

    engine.committer.hand_over = noting  # type: ignore[method-assign]  # a look, no change
    yield seen
    engine.committer.hand_over = hand_over  # type: ignore[method-assign]  # as it was


async def publish_many(engine: Directory, count: int, delay: float = 0.0) -> None:
    options = PublishOptions(delay=delay)
    for _ in range(count // 1_000):
        reply = await ask(
            engine, PublishMany("q", tuple(NewJob("t", b"", options) for _ in range(1_000)))
        )
        assert isinstance(reply, PublishedMany)


# -- batches and slices ------------------------------------------------------------------------


async def test_what_waits_together_is_one_step(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        boxes = [Box() for _ in range(500)]
        flushes: list[int] = []
        engine.committer.flushers.append(lambda: flushes.append(sum(len(b.got) for b in boxes)))
        with watched(engine) as seen:
            for box in boxes:
                engine.submit(WHO, Publish("q", "t", b""), box)
            await boxes[-1].wait_for(1)
        assert seen.steps == [("q", 500, 500)]
        assert flushes == [500]


@pytest.mark.parametrize("first", [0, 1, 999])
async def test_bulks_side_by_side_stay_within_the_bound_of_a_step(
    autojump_clock: MockClock, first: int
) -> None:
    bulk = PublishMany("q", tuple(NewJob("t", b"") for _ in range(1_000)))
    async with memory_engine() as engine:
        boxes = [Box() for _ in range(first + 2)]
        with watched(engine) as seen:
            for box in boxes[:first]:
                engine.submit(WHO, Publish("q", "t", b""), box)
            for box in boxes[first:]:
                engine.submit(WHO, bulk, box)
            for box in boxes:
                await box.wait_for(1)
        assert sum(seen.sizes("q")) == first + 2_000
        assert max(seen.sizes("q")) <= MOST_CHANGES


async def test_a_purge_goes_in_slices_and_others_are_served_in_between(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 10_000)
        await publish(engine, "other")
        box = Box()
        with watched(engine) as seen:
            engine.submit(WHO, Purge("q"), box)
            for _ in range(3):
                await ask(engine, Counts("other"))
                assert box.got == []
            await box.wait_for(1)
        assert box.got == [OK]
        assert seen.sizes("q") == [MOST_CHANGES] * 10
        assert (await ask(engine, Counts("q"))).states == (0,) * 7


async def test_what_is_asked_during_a_purge_is_answered_after_it(
    autojump_clock: MockClock,
) -> None:
    log: list[tuple[str, object]] = []
    async with memory_engine() as engine:
        await publish_many(engine, 5_000)
        boxes = [Box(name, log) for name in ("purge", "publish", "counts")]
        for box, command in zip(
            boxes, (Purge("q"), Publish("q", "t", b""), Counts("q")), strict=True
        ):
            engine.submit(WHO, command, box)
        await boxes[-1].wait_for(1)
        assert [name for name, _ in log] == ["purge", "publish", "counts"]
        assert sum(boxes[2].only.states) == 1


async def test_twenty_thousand_alarms_at_once_go_in_slices(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 20_000, delay=10.0)
        await publish(engine, "other")
        await trio.sleep(9.999)
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 0
        with watched(engine) as seen:
            await trio.sleep(0.001)
            for _ in range(5):
                await ask(engine, Counts("other"))
            assert 0 < len(seen.sizes("q")) < 20
            await settle()
        assert seen.sizes("q") == [MOST_CHANGES] * 20
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 20_000
        assert trio.current_time() == 10.0


async def test_what_is_asked_while_alarms_are_due_keeps_to_the_bound(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish_many(engine, 3_000, delay=10.0)
        await trio.sleep(9.5)
        box = Box()
        with watched(engine) as seen:
            await trio.sleep(0.5)
            engine.submit(WHO, PublishMany("q", (NewJob("t", b""),) * 1_000), box)
            await box.wait_for(1)
            await settle()
        assert sum(seen.sizes("q")) == 4_000
        assert max(seen.sizes("q")) <= MOST_CHANGES


async def test_many_connections_are_kicked_within_the_bound(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        workers = [Worker(f"host:{n}") for n in range(3)]
        await publish_many(engine, 3_000)
        for worker in workers:
            assert await ask(engine, Subscribe("q", credit=1_000), worker.who) == OK
        with watched(engine) as seen:
            assert await ask(engine, KickAll("q")) == OK
            await settle()
        assert sum(seen.sizes("q")) == 3_000
        assert max(seen.sizes("q")) <= MOST_CHANGES
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 3_000


# -- order and addresses -----------------------------------------------------------------------


async def test_a_push_comes_after_the_answer_that_brought_it(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        worker = Worker()
        answers = Box("answer", worker.box.log)
        engine.submit(worker.who, Subscribe("q"), answers)
        engine.submit(worker.who, Counts("q"), answers)
        await worker.box.wait_for(1)
        kinds = [type(reply).__name__ for _, reply in worker.box.log]
        assert kinds.index("Ok") < kinds.index("Pushed")
        assert sorted(kinds) == ["Ok", "Pushed", "QueueCounts"]


async def test_a_read_sees_what_was_asked_before_it_and_waits_for_it(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await publish(engine)
        async with store.closed():
            wrote, read, other = Box(), Box(), Box()
            engine.submit(WHO, Publish("q", "t", b""), wrote)
            await settle()
            engine.submit(WHO, Counts("q"), read)
            engine.submit(WHO, Get("nobody"), other)
            await trio.sleep(1)
            assert (wrote.got, read.got, other.got) == ([], [], [])
        await other.wait_for(1)
        assert read.only.states[JobState.READY] == 2
        assert other.only == Refused(Code.UNKNOWN_JOB)


async def test_while_the_disk_stalls_nothing_more_is_taken(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store, stall=5.0) as engine:
        async with store.closed():
            first, second, third = Box(), Box(), Box()
            engine.submit(WHO, Publish("q", "t", b""), first)
            await trio.sleep(4)
            engine.submit(WHO, Publish("q", "t", b""), second)
            await trio.sleep(2)
            with watched(engine) as seen:
                engine.submit(WHO, Publish("q", "t", b""), third)
                await trio.sleep(10)
                assert seen.steps == []
        await third.wait_for(1)
        assert (len(first.got), len(second.got)) == (1, 1)


# -- grants that cross a departure -------------------------------------------------------------


async def test_a_push_that_crosses_a_closing_connection_is_a_disconnect(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        worker = Worker()
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        async with store.closed():
            box = Box()
            engine.submit(WHO, Publish("q", "t", b""), box)
            await trio.sleep(1)
            engine.gone(worker)
            await trio.sleep(1)
        await box.wait_for(1)
        await settle()
        found = await look(engine, box.only.job)
        assert (found.state, found.attempts) == (JobState.READY, 0)
        assert (found.more.disconnects, found.more.releases) == (1, 0)


async def test_a_grant_that_crosses_a_cancelled_call_is_a_release(
    autojump_clock: MockClock,
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        job = await publish(engine)
        async with store.closed():
            with trio.move_on_after(1):
                await engine.execute(WHO, Reserve("q"))
            await settle()
        await settle()
        found = await look(engine, job)
        assert (found.state, found.attempts) == (JobState.READY, 0)
        assert (found.more.disconnects, found.more.releases) == (0, 1)


async def test_a_call_cancelled_while_it_waits_takes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine, kind="other")
        with trio.move_on_after(1):
            await engine.execute(WHO, Reserve("q", ("t",), wait=50.0))
        job = await publish(engine)
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.releases) == (JobState.READY, 0)


async def test_a_call_cancelled_in_the_breath_of_its_grant_gives_back(
    autojump_clock: MockClock,
) -> None:
    class Canceller:
        def __init__(self) -> None:
            self.scope = trio.CancelScope()

        def send(self, reply: object) -> None:
            self.scope.cancel()

    async with memory_engine() as engine, trio.open_nursery() as nursery:
        canceller = Canceller()

        async def wait(who: Caller) -> None:
            with canceller.scope:
                await engine.execute(who, Reserve("q", wait=50.0))

        nursery.start_soon(wait, WHO)
        await settle()
        engine.submit(WHO, Publish("q", "t", b""), canceller)
        await settle()
        assert canceller.scope.cancelled_caught
        (taken,) = await reserve(engine)
        assert taken.attempts == 1
        assert taken.more.releases == 1


# -- the end of an actor -----------------------------------------------------------------------


@pytest.mark.parametrize("idle", [0.1, 0.3, 7.0, 3_600.0])
async def test_an_empty_queue_retires_after_its_time(
    autojump_clock: MockClock, idle: float
) -> None:
    store = GatedStore()
    async with memory_engine(store, idle=idle) as engine:
        job = await publish(engine)
        assert await ask(engine, Delete(job)) == OK
        await trio.sleep(idle * 0.99)
        assert [actor.name for actor in engine.actors()] == ["q"]
        await trio.sleep(idle * 0.02)
        assert engine.actors() == []
        assert await ask(engine, Counts("q")) == Refused(Code.UNKNOWN_QUEUE)
    async with memory_engine(store) as engine:
        assert engine.actors() == []


@pytest.mark.parametrize("what", ["job", "worker", "recurrence", "pause", "waiting"])
async def test_a_queue_with_something_to_own_or_somebody_to_serve_stays(
    autojump_clock: MockClock, what: str
) -> None:
    async with memory_engine(idle=10.0) as engine:
        worker = Worker()
        command = {
            "job": Publish("q", "t", b""),
            "worker": Subscribe("q"),
            "recurrence": SetRecurrence("q", "t", "@yearly"),
            "pause": Pause("q"),
            "waiting": Reserve("q", wait=500.0),
        }[what]
        engine.submit(worker.who, command, Box())
        await trio.sleep(100)
        assert [actor.name for actor in engine.actors()] == ["q"]
        engine.submit(worker.who, DeleteQueue("q"), Box())
        engine.gone(worker)
        await trio.sleep(11)
        assert engine.actors() == []


async def test_a_refused_first_command_leaves_no_queue(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        too_large = Publish("q", "t", bytes(2**20 + 1))
        assert (await ask(engine, too_large)).code is Code.PAYLOAD_TOO_LARGE
        await settle()
        assert engine.actors() == []
        assert await ask(engine, Counts("q")) == Refused(Code.UNKNOWN_QUEUE)


@pytest.mark.parametrize("early", [True, False])
async def test_a_message_that_crosses_the_retirement_is_not_lost(
    autojump_clock: MockClock, early: bool
) -> None:
    async with memory_engine(idle=10.0) as engine:
        job = await publish(engine)
        assert await ask(engine, Delete(job)) == OK
        (actor,) = engine.actors()
        box = Box()

        async def at_that_instant() -> None:
            await trio.sleep(10 - (1e-6 if early else 0.0))
            while not early and not actor.retired:
                await trio.lowlevel.checkpoint()
            engine.submit(WHO, Publish("q", "t", b""), box)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(at_that_instant)
        await box.wait_for(1)
        assert [found.id for found in await reserve(engine)] == [box.only.job]
        assert (actor in engine.actors()) is early


async def test_a_retired_actor_collects_no_messages(autojump_clock: MockClock) -> None:
    async with memory_engine(idle=1.0) as engine:
        worker = Worker(single=True)
        for queue in ("gone", "q"):
            assert await ask(engine, Subscribe(queue), worker.who) == OK
        gone, _ = engine.actors()
        assert await ask(engine, Unsubscribe("gone"), worker.who) == OK
        await trio.sleep(2)
        assert gone.retired
        for _ in range(10):
            job = await publish(engine)
            assert await ask(engine, Done(job), worker.who) == OK
        engine.gone(worker)
        assert gone.mailbox.is_empty


async def test_a_retry_comes_at_its_time_to_the_microsecond(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        for number, delay in enumerate((0.001, 0.1, 1 / 3, 2.7182818, 59.999)):
            start = trio.current_time()
            assert await ask(engine, Fail(job, delay=delay), worker.who) == OK
            await worker.box.wait_for(number + 2)
            assert abs(trio.current_time() - start - delay) < 1e-6


async def test_stopping_gives_back_and_answers_and_keeps(autojump_clock: MockClock) -> None:
    store = GatedStore(delay=1.0)
    async with memory_engine(store) as engine:
        worker, parked, late = Worker(grace=10.0), Box(), Box()
        jobs = [await publish(engine) for _ in range(2)]
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        (by_call,) = await reserve(engine)
        assert await ask(engine, Subscribe("other"), worker.who) == OK
        engine.submit(WHO, Reserve("other", ("none",), wait=50.0), parked)
        engine.submit(WHO, Publish("q", "t", b"late"), late)
        started = trio.current_time()
    assert trio.current_time() - started < 5
    assert parked.got == [Granted(())]
    assert [type(reply).__name__ for reply in worker.box.got] == ["Pushed"]
    async with memory_engine(store) as engine:
        states = [await look(engine, job) for job in (*jobs, late.only.job)]
        assert [found.state for found in states] == [
            JobState.READY, JobState.RESERVED, JobState.READY,
        ]  # fmt: skip
        assert [found.more.releases for found in states] == [1, 0, 0]
        assert [found.more.disconnects for found in states] == [0, 0, 0]
        assert await ask(engine, Done(by_call.id, by_call.reservation)) == OK
        assert await state_of(engine, by_call.id) is JobState.DONE
