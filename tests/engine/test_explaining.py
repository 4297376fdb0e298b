"""Why a job does not run now: one test for each reason, of jobs and of queues."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from engine.commands import (
    Cancel,
    Done,
    Drain,
    Explain,
    ExplainQueue,
    Fail,
    Pause,
    Publish,
    PublishOptions,
    Subscribe,
)
from engine.directory import Directory
from engine.explanations import Explanation, QueueExplanation
from engine.job import JobPolicy, OnLapse
from engine.queue_state import QueueLimits, explaining
from engine.replies import Code, Refused
from engine.retry import Backoff
from engine.testing import START, memory_engine
from tests.support.desk import Worker, ask, publish, reserve, state_of


async def explained(engine: Directory, job: str) -> Explanation:
    said = await ask(engine, Explain(job))
    assert isinstance(said, Explanation), said
    assert (said.job, said.state) == (job, await state_of(engine, job))
    return said


async def of_queue(engine: Directory, queue: str = "q") -> QueueExplanation:
    said = await ask(engine, ExplainQueue(queue))
    assert isinstance(said, QueueExplanation), said
    return said


async def made(engine: Directory, kind: str = "t", **options: Any) -> str:
    job: str = (await ask(engine, Publish("q", kind, b"", PublishOptions(**options)))).job
    return job


async def busy_worker(engine: Directory, *types: str) -> Worker:
    worker = Worker()
    await ask(engine, Subscribe("q", types), worker.who)
    await publish(engine, kind=types[0] if types else "t")
    assert len(worker.pushed) == 1
    return worker


async def test_delayed_until(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        said = await explained(engine, await made(engine, ready_at=START + 3_600.0))
        assert (said.reason, said.expected) == ("delayed", START + 3_600.0)
        assert said.text == "it waits until 2020-09-13T13:26:40.000+00:00"


async def test_again_after_a_failure(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await made(engine, policy=JobPolicy(backoff=Backoff.fixed(30.0)))
        (held,) = await reserve(engine)
        await ask(engine, Fail(job, held.reservation))
        said = await explained(engine, job)
        assert said.reason == "backoff"
        assert said.text.endswith(", after 1 failure")
        assert said.expected is not None
        assert 29.0 < said.expected - START - trio.current_time() <= 30.0


async def test_paused_by_whom(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        await ask(engine, Pause("q"))
        said = await explained(engine, job)
        assert (said.reason, said.by, said.text) == (
            "paused", "ada", "the queue is paused by ada",
        )  # fmt: skip
        assert ((await of_queue(engine)).reason, (await of_queue(engine)).by) == ("paused", "ada")


async def test_no_worker_takes_its_type(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await busy_worker(engine, "a", "b")
        job = await publish(engine, kind="resize")
        said = await explained(engine, job)
        assert (said.reason, said.expected) == ("no-worker", None)
        assert "'resize'" in said.text
        queue = await of_queue(engine)
        assert (queue.reason, queue.without_worker) == ("no-worker", ("resize",))


async def test_waits_behind_others(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await busy_worker(engine, "t", "other")
        await publish(engine)
        second = await publish(engine, kind="other")
        assert (await explained(engine, second)).text == "it waits behind 1 other"
        await publish(engine, kind="nobody's")
        job = await made(engine, priority=1)
        await made(engine, priority=2)
        said = await explained(engine, job)
        assert (said.reason, said.ahead) == ("behind", 2)
        assert said.text == "it waits behind 2 others"


async def test_too_many_before_it_are_not_counted(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "MOST_LOOKED_AT", 4)
    async with memory_engine() as engine:
        await busy_worker(engine)
        jobs = [await publish(engine, kind=kind) for kind in "abcde"]
        assert [(await explained(engine, job)).ahead for job in jobs] == [0, *[None] * 4]
        await ask(engine, Cancel(jobs[0]))
        counted = [(await explained(engine, job)).ahead for job in jobs[1:]]
        assert counted == [0, 1, 2, 3]


async def test_every_worker_has_its_hands_full(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await busy_worker(engine)
        job = await publish(engine)
        assert (await explained(engine, job)).reason == "busy"
        assert (await of_queue(engine)).reason == "busy"


async def test_reserved_by_whom_until_when(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        (held,) = await reserve(engine, lease=20.0)
        said = await explained(engine, job)
        assert (said.reason, said.by) == ("reserved", "ada")
        assert said.expected is not None
        assert said.expected == held.lease_until or 19.0 < said.expected - START < 21.0
        assert said.text.startswith("ada holds it until 2020-")


async def test_asked_to_stop(autojump_clock: MockClock) -> None:
    async with memory_engine(limits=QueueLimits(cancel_grace=7.0)) as engine:
        worker = await busy_worker(engine)
        job = worker.pushed[0].id
        await ask(engine, Cancel(job))
        said = await explained(engine, job)
        assert (said.reason, said.by) == ("cancel-asked", "ada")


async def test_attempts_used_up(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await made(engine, policy=JobPolicy(max_attempts=2, backoff=Backoff.fixed(0.0)))
        for _ in range(2):
            (held,) = await reserve(engine)
            await ask(engine, Fail(job, held.reservation))
        said = await explained(engine, job)
        assert (said.reason, said.expected) == ("attempts", None)
        assert said.text == "it failed 2 times: its attempts are used up"


async def test_told_not_to_retry(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        (held,) = await reserve(engine)
        await ask(engine, Fail(job, held.reservation, retry=False))
        assert (await explained(engine, job)).reason == "told"


async def test_its_holder_fell_silent(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await made(engine, policy=JobPolicy(lease=1.0, on_lapse=OnLapse.FAIL))
        await reserve(engine)
        await trio.sleep(2.0)
        assert (await explained(engine, job)).reason == "lapsed"


async def test_quarantined(autojump_clock: MockClock) -> None:
    async with memory_engine(limits=QueueLimits(quarantine=2)) as engine:
        job = await publish(engine)
        for _ in range(2):
            await reserve(engine, lease=1.0)
            await trio.sleep(2.0)
        said = await explained(engine, job)
        assert (said.reason, said.expected) == ("quarantined", None)


async def test_over(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        done, canceled = await publish(engine), await publish(engine)
        expired = await made(engine, time_to_live=1.0)
        (held,) = await reserve(engine)
        await ask(engine, Done(done, held.reservation))
        await ask(engine, Cancel(canceled))
        await trio.sleep(2.0)
        reasons = [(await explained(engine, job)).reason for job in (done, canceled, expired)]
        assert reasons == ["over", "canceled", "expired"]


async def test_unknown_jobs_and_queues_have_no_reason(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, Explain("nothing")) == Refused(Code.UNKNOWN_JOB)
        assert await ask(engine, ExplainQueue("no")) == Refused(Code.UNKNOWN_QUEUE)


async def test_a_queue_that_drains_says_by_whom(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        await ask(engine, Drain("q"))
        said = await of_queue(engine)
        assert (said.reason, said.by, said.ready) == ("draining", "ada", 1)


async def test_a_queue_without_jobs_or_with_later_ones(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        await ask(engine, Cancel(job))
        assert (await of_queue(engine)).reason == "empty"
        for hours in (3, 2, 5):
            await made(engine, ready_at=START + hours * 3_600.0)
        said = await of_queue(engine)
        assert (said.reason, said.expected, said.scheduled) == ("scheduled", START + 7_200.0, 3)


async def test_a_queue_with_nobody_there(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        assert (await of_queue(engine)).reason == "no-worker"


async def test_types_that_nobody_takes_are_named_beside_those_that_wait(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await publish(engine, kind="other")
        await busy_worker(engine, "t")
        await publish(engine, kind="t")
        await ask(engine, Subscribe("q", ("u",)), Worker("host:2").who)
        said = await of_queue(engine)
        assert (said.reason, said.without_worker, said.ready) == ("busy", ("other",), 2)


async def test_nothing_is_in_the_way(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, Pause("q"))
        await ask(engine, Subscribe("q"), Worker().who)
        job = await publish(engine)
        (actor,) = engine.actors()
        actor.state.paused = False  # as it is for the moment before a match
        assert (await explained(engine, job)).reason == "next"
        assert (await of_queue(engine)).reason == "open"
