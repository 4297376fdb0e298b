"""Writes of a state by whoever may write, and looking at who is next."""

import pytest
import trio
from trio.testing import MockClock

from engine.access import MEMBER, Principal, Right, caller
from engine.commands import (
    Cancel,
    Done,
    Edit,
    Fail,
    Pause,
    Peek,
    Publish,
    PublishOptions,
    Resume,
    Subscribe,
    WriteStatus,
)
from engine.events import Filter
from engine.job import JobPolicy, JobState, OnLapse
from engine.queue_state import QueueLimits
from engine.replies import OK, CancelAsked, Code, Jobs, Refused
from engine.testing import memory_engine
from tests.support.desk import GROUP, Worker, ask, look, publish, reserve, settle, state_of

WRITER = caller(Principal("queue:q", {GROUP: MEMBER}), GROUP)
ONCE = PublishOptions(policy=JobPolicy(lease=10.0, on_lapse=OnLapse.FAIL, max_attempts=1))


async def once(engine: object, options: PublishOptions = ONCE) -> str:
    reply = await ask(engine, Publish("q", "t", b"old", options))  # type: ignore[arg-type] # a desk
    job: str = reply.job
    return job


@pytest.mark.parametrize("start", ["ready", "reserved", "done", "failed", "scheduled"])
@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("ready", JobState.READY),
        ("reserved", JobState.RESERVED),
        ("done", JobState.DONE),
        ("failed", JobState.FAILED),
    ],
)
async def test_any_state_is_reached_from_any(
    autojump_clock: MockClock, start: str, state: str, then: JobState
) -> None:
    async with memory_engine() as engine:
        job = await once(engine)
        if start == "scheduled":
            assert await ask(engine, Edit(job, delay=100.0)) == OK
        else:
            (taken,) = await reserve(engine)
            if start == "done":
                assert await ask(engine, Done(job, taken.reservation)) == OK
            elif start == "failed":
                assert await ask(engine, Fail(job, taken.reservation)) == OK
            elif start == "ready":
                assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == OK
        assert await ask(engine, WriteStatus("q", job, state), WRITER) == OK  # type: ignore[arg-type]
        shown = await look(engine, job)
        assert shown.state is then
        assert (shown.more.resets == 1) == (start in {"done", "failed"})
        assert (shown.reservation is None) == (then is not JobState.RESERVED)
        for queue in engine.actors():
            state_of_queue = queue.state
            assert state_of_queue.recount() == (state_of_queue.counts, state_of_queue.types)


async def test_a_job_of_a_connection_is_taken_from_it_and_it_is_told(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        job = await publish(engine)
        await settle()
        (pushed,) = worker.pushed
        assert await ask(engine, WriteStatus("q", job, "reserved"), WRITER) == OK
        assert (await look(engine, job)).reservation == pushed.reservation
        assert await ask(engine, WriteStatus("q", job, "done"), WRITER) == OK
        assert CancelAsked(job, str(pushed.reservation)) in worker.box.got
        assert await ask(engine, Done(job), worker.who) == Refused(Code.RESERVATION_LOST)
        shown = await look(engine, job)
        assert (shown.state, shown.attempts, shown.more.releases) == (JobState.DONE, 1, 1)
        assert [entry[0] for entry in shown.history] == ["ada", "queue:q"]


async def test_silence_after_the_last_word_fails_it(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await once(engine)
        for _ in range(3):
            assert await ask(engine, WriteStatus("q", job, "reserved"), WRITER) == OK
            await trio.sleep(9.9)
        assert await state_of(engine, job) is JobState.RESERVED
        await trio.sleep(0.2)
        assert await state_of(engine, job) is JobState.FAILED


async def test_what_it_carries_is_written_over(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await once(engine)
        first = await publish(engine)
        assert await ask(engine, WriteStatus("q", job, "done", b"result", -9), WRITER) == OK
        shown = await look(engine, job)
        assert (shown.payload, shown.priority) == (b"result", -9)
        assert await ask(engine, WriteStatus("q", job, None, b"again"), WRITER) == OK
        assert (await look(engine, job)).payload == b"again"
        assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == OK
        assert await ask(engine, WriteStatus("q", first, priority=-10), WRITER) == OK
        assert [each.id for each in await reserve(engine, limit=2)] == [first, job]


async def test_an_end_in_time_stays_through_a_reset(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        at = engine.clock.now() + 100.0
        job = await once(engine, PublishOptions(expires_at=at))
        assert await ask(engine, WriteStatus("q", job, "done"), WRITER) == OK
        assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == OK
        assert (await look(engine, job)).more.expires_at == at
        await trio.sleep(100.1)
        assert await state_of(engine, job) is JobState.EXPIRED
        assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == Refused(
            Code.UNKNOWN_JOB
        )


async def test_an_end_in_time_is_moved_and_taken_away(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        at = engine.clock.now() + 10.0
        stays = await once(engine, PublishOptions(expires_at=at, time_to_live=5_000.0))
        sooner = await once(engine)
        assert await ask(engine, WriteStatus("q", stays, expires_at=0.0), WRITER) == OK
        assert await ask(engine, WriteStatus("q", sooner, expires_at=at), WRITER) == OK
        await trio.sleep(11)
        assert await state_of(engine, stays) is JobState.READY
        assert await state_of(engine, sooner) is JobState.EXPIRED


async def test_what_is_refused_changes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine(limits=QueueLimits(payload=3)) as engine:
        job = await once(engine)
        other = await publish(engine, "other")
        before = await look(engine, job)
        refused = await ask(engine, WriteStatus("q", job, "done", b"four"), WRITER)
        assert refused.code is Code.PAYLOAD_TOO_LARGE
        unknown = Refused(Code.UNKNOWN_JOB)
        assert await ask(engine, WriteStatus("q", other, "done"), WRITER) == unknown
        assert await ask(engine, WriteStatus("nope", job, "done"), WRITER) == Refused(
            Code.UNKNOWN_QUEUE
        )
        reader = caller(Principal("r", {GROUP: Right.READ | Right.WORK}), GROUP)
        assert await ask(engine, WriteStatus("q", job, "done"), reader) == Refused(Code.FORBIDDEN)
        assert await look(engine, job) == before
        assert await ask(engine, Cancel(job)) == OK
        assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == unknown


async def test_peek_shows_who_is_next_and_takes_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, Peek("q")) == Refused(Code.UNKNOWN_QUEUE)
        made = []
        for number in range(40):
            kind, priority = "ab"[number % 2], -(number * 7 % 5)
            options = PublishOptions(priority=priority)
            made.append((await ask(engine, Publish("q", kind, b"", options))).job)
        late = await ask(engine, Publish("q", "a", b"", PublishOptions(priority=-9, expires_at=1)))
        order = [job.id for job in await reserve(engine, limit=40)]
        assert sorted(order) == sorted(made)
        assert late.job not in order
        for job in order:
            assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == OK
        for limit in (1, 7, 100):
            peeked = await ask(engine, Peek("q", limit=limit))
            assert [job.id for job in peeked.jobs] == order[:limit]
        of_type = await ask(engine, Peek("q", ("b", "nope", "b"), 100))
        odd = set(made[1::2])
        assert [job.id for job in of_type.jobs] == [job for job in order if job in odd]
        assert [job.id for job in await reserve(engine, limit=40)] == order
        assert await ask(engine, Peek("q")) == Jobs(())


async def test_a_paused_queue_hands_nothing_out_next(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        assert await ask(engine, Pause("q")) == OK
        assert await ask(engine, Peek("q")) == Jobs(())
        assert await ask(engine, Resume("q")) == OK
        assert [each.id for each in (await ask(engine, Peek("q"))).jobs] == [job]


async def test_what_was_written_is_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await once(engine)
        with engine.feed.listen(Filter()) as listener:
            assert await ask(engine, WriteStatus("q", job, "done", b"result"), WRITER) == OK
            assert await ask(engine, WriteStatus("q", job), WRITER) == OK
            assert await ask(engine, WriteStatus("q", job, "ready"), WRITER) == OK
            got: list[str] = []
            while len(got) < 4:
                got += [event.what.value for event in await listener.next()]
    assert got == ["edited", "reserved", "done", "reset"]
