"""Jobs that another server kept come as they were, and what a queue asks of doors is kept."""

import hmac
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.access import Principal, Right, caller
from engine.commands import (
    Adopt,
    AdoptedJob,
    Counts,
    Delete,
    DeleteQueue,
    Done,
    Drain,
    Get,
    ListJobs,
    SetAccess,
    Subscribe,
)
from engine.directory import Directory
from engine.job import Details, JobPolicy, JobState, OnLapse
from engine.queue_access import NO_ACCESS, QueueAccess
from engine.queue_state import QueueLimits, Storage
from engine.replies import OK, Adopted, Code, Refused
from engine.store.memory import MemoryStore
from engine.testing import START, memory_engine
from tests.support.desk import WHO, Box, Worker, ask, look, publish, reserve, settle, state_of
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

DAY = 86_400.0
DIGEST = "0f" * 64


def kept(name: str, state: str = "ready", **more: Any) -> AdoptedJob:
    """A job that another server made a day ago and changed an hour later."""
    values: dict[str, Any] = {
        "type": "t", "payload": b"", "created_at": START - DAY, "updated_at": START - 82_800,
    }  # fmt: skip
    return AdoptedJob(name, state=JobState[state.upper()], **(values | more))


async def adopt(engine: Directory, *jobs: AdoptedJob, queue: str = "q") -> Any:
    return await ask(engine, Adopt(queue, jobs))


@pytest.mark.parametrize("restarted", [False, True])
async def test_they_come_as_they_were(autojump_clock: MockClock, restarted: bool) -> None:
    store = MemoryStore(trio.current_time)
    jobs = (
        kept("r", payload=b"\xff\x00", priority=-4, content_type="x/y", attempts=2, failures=2),
        kept("s", "scheduled", ready_at=START + 50.0, unique_key="k", checkpoint=b"\xfe so far"),
        kept(
            "d", "done", finished_at=START - 5.0, result=b"res", attempts=1, started_at=START - 9,
            result_type="x/y", progress=0.5, note="half", log=((START - 8.0, "a line"),),
            history=(("ada", START - 9.0, START - 5.0, "finished"),),
        ),
        kept("f", "failed", error="no", error_type="E", trace="at\nline", releases=3, lapses=1),
        kept("c", "canceled", finished_at=START - 1),
        kept("e", "expired", finished_at=START - 1, expires_at=START - 1),
    )  # fmt: skip
    async with memory_engine(store) as engine:
        assert await adopt(engine, *jobs) == Adopted(6, 0)
        assert await adopt(engine, *jobs) == Adopted(0, 6)
        assert await adopt(engine, kept("new"), *jobs, queue="other") == Adopted(1, 6)
        if not restarted:
            await check(engine, jobs)
    if restarted:
        async with memory_engine(store) as engine:
            await check(engine, jobs)
            assert await adopt(engine, *jobs, queue="third") == Adopted(0, 6)


async def check(engine: Directory, jobs: tuple[AdoptedJob, ...]) -> None:
    listed = (await ask(engine, ListJobs("q"))).jobs
    assert [view.id for view in listed] == [job.id for job in jobs]
    assert (await ask(engine, Counts("q"))).states == (1, 1, 0, 1, 1, 1, 1)
    for job in jobs:
        view = await look(engine, job.id)
        assert (view.state, view.payload, view.priority) == (job.state, job.payload, job.priority)
        assert (view.created_at, view.updated_at) == (job.created_at, job.updated_at)
        assert view.finished_at == (
            None if job.state < JobState.DONE else job.finished_at or job.updated_at
        )
        assert view.done_at == (view.finished_at if job.state is JobState.DONE else None)
        assert (view.attempts, view.failures) == (job.attempts, job.failures)
        more, details = view.more, view.details
        assert (more.releases, more.lapses) == (job.releases, job.lapses)
        assert (more.content_type, more.unique_key) == (job.content_type, job.unique_key)
        assert (more.progress, more.note, view.history) == (job.progress, job.note, job.history)
        details = details or Details()
        assert details.result == job.result
        assert (details.error, details.error_type) == (job.error, job.error_type)
        assert (details.trace, details.log) == (job.trace, job.log)
        assert (details.checkpoint, details.result_type) == (job.checkpoint, job.result_type)
    assert (await look(engine, "s")).ready_at == START + 50.0
    state = engine.queues["g"]["q"].state
    assert state.recount() == (state.counts, state.types)


async def test_the_little_that_one_brings_survives_a_restart(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    jobs = (kept("failed", failures=2), kept("began", started_at=START - 9.0))
    async with memory_engine(store) as engine:
        assert await adopt(engine, *jobs) == Adopted(2, 0)
    async with memory_engine(store) as engine:
        views = [await look(engine, job.id) for job in jobs]
        assert [(view.failures, view.started_at) for view in views] == [(2, None), (0, START - 9.0)]


async def test_what_waited_is_handed_out_in_order(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        await ask(engine, Subscribe("q", credit=9), worker.who)
        jobs = [kept(name, priority=p) for name, p in (("a", 1), ("b", 0), ("c", 0))]
        late = kept("late", expires_at=START - 5.0)
        overdue = kept("overdue", "scheduled", ready_at=START - 5.0, priority=2)
        await adopt(engine, *jobs, late, overdue)
        await worker.box.wait_for(4)
        assert [job.id for job in worker.pushed] == ["b", "c", "a", "overdue"]
        await settle()
        assert await state_of(engine, "late") is JobState.EXPIRED


async def test_what_is_over_its_time_goes_and_no_other(autojump_clock: MockClock) -> None:
    policy = JobPolicy(keep_done=100.0, keep_failed=200.0)
    async with memory_engine() as engine:
        jobs = [
            kept(f"{state}{age}", state, finished_at=START - age, policy=policy)
            for state in ("done", "failed", "canceled")
            for age in (50.0, 150.0, 250.0)
        ]
        assert await adopt(engine, *jobs) == Adopted(9, 0)
        await settle()
        left = [job.id for job in (await ask(engine, ListJobs("q"))).jobs]
        assert left == ["done50.0", "failed50.0", "failed150.0", "canceled50.0"]
        await trio.sleep(49.9)
        assert len((await ask(engine, ListJobs("q"))).jobs) == 4
        await trio.sleep(0.2)
        assert [job.id for job in (await ask(engine, ListJobs("q"))).jobs] == ["failed50.0"]


async def test_the_oldest_done_go_when_there_are_too_many(autojump_clock: MockClock) -> None:
    limits = QueueLimits(keep_done_count=3)
    async with memory_engine(limits=limits) as engine:
        done = [kept(f"d{age}", "done", finished_at=START - age) for age in (3, 9, 1, 7, 5)]
        await adopt(engine, *done[:2])
        await adopt(engine, *done[2:])
        job = await publish(engine)
        assert [j.id for j in (await ask(engine, ListJobs("q"))).jobs] == ["d3", "d1", "d5", job]
        await ask(engine, Done(job, (await reserve(engine))[0].reservation))
        assert [j.id for j in (await ask(engine, ListJobs("q"))).jobs] == ["d3", "d1", job]


async def test_what_somebody_held(autojump_clock: MockClock) -> None:
    once = JobPolicy(lease=10.0, on_lapse=OnLapse.FAIL)
    async with memory_engine() as engine:
        await adopt(
            engine, kept("again", "reserved", attempts=2), kept("once", "reserved", policy=once)
        )
        again, held = await look(engine, "again"), await look(engine, "once")
        assert (again.state, again.attempts, again.more.releases) == (JobState.READY, 1, 1)
        assert (held.state, held.holder, held.attempts) == (JobState.RESERVED, "ada", 1)
        await trio.sleep(9.9)
        assert await state_of(engine, "once") is JobState.RESERVED
        await trio.sleep(0.2)
        failed = await look(engine, "once")
        assert (failed.state, failed.more.lapses) == (JobState.FAILED, 1)


async def test_one_that_is_unfit_keeps_all_out(autojump_clock: MockClock) -> None:
    limits = QueueLimits(payload=3, result=3)
    async with memory_engine(limits=limits) as engine:
        for bad, code in (
            (kept("x", payload=b"1234"), Code.PAYLOAD_TOO_LARGE),
            (kept("x", "done", result=b"1234"), Code.PAYLOAD_TOO_LARGE),
            (kept("x\n"), Code.INVALID_NAME),
            (kept("x", type="\ud800"), Code.INVALID_NAME),
        ):
            refused = await adopt(engine, kept("fine"), bad)
            assert (refused.code, refused.sentence[:11]) == (code, "job 1 of 2:")
        assert engine.queue_names("g") == []
        await publish(engine)
        await ask(engine, Drain("q"))
        assert await adopt(engine, kept("fine")) == Refused(Code.DRAINING)
        assert await ask(engine, Get("fine")) == Refused(Code.UNKNOWN_JOB)
        reader = caller(Principal("eve", {"g": Right.READ | Right.WORK | Right.PUBLISH}), "g")
        for command in (Adopt("q", (kept("fine"),)), SetAccess("q")):
            assert await ask(engine, command, reader) == Refused(Code.FORBIDDEN)


async def test_twice_in_one_breath_is_once(autojump_clock: MockClock) -> None:
    store = GatedStore(0.01)
    async with memory_engine(store) as engine:
        replies: list[Adopted] = []

        async def one(queue: str) -> None:
            replies.append(await adopt(engine, kept("same"), kept("same"), queue=queue))

        async with trio.open_nursery() as nursery:
            for queue in ("a", "b", "a"):
                nursery.start_soon(one, queue)
        assert sorted(reply.added for reply in replies) == [0, 0, 1]
        assert len(store.heads()) == 1


async def test_gone_and_back_in_one_breath(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await adopt(engine, kept("other"))
        boxes = [Box() for _ in range(3)]
        again = Adopt("q", (kept("same"),))
        for command, box in zip((again, Delete("other"), again), boxes, strict=True):
            engine.submit(WHO, command, box)
        await boxes[2].wait_for(1)
        assert boxes[2].only == Adopted(0, 1)
        for command, box in zip((again, Delete("same"), again), boxes, strict=True):
            engine.submit(WHO, command, box)
        await boxes[2].wait_for(2)
        assert boxes[2].got[1] == Adopted(1, 0)
        assert await state_of(engine, "same") is JobState.READY


async def test_access_is_kept(autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    store = MemoryStore(trio.current_time)
    async with memory_engine(store, idle=5.0) as engine:
        assert engine.access("g", "q") is None
        assert await ask(engine, SetAccess("q", DIGEST, ("billing",))) == OK
        found = engine.access("g", "q")
        assert found is not None
        key = found.key
        assert found == QueueAccess(key, ("billing",))
        assert key is not None
        assert len(key) == 32
        asks = QueueAccess(key, ("billing",), ("mail", "shop"), declared=True)
        await ask(engine, SetAccess("q", writers=("mail", "shop"), declared=True))
        await ask(engine, SetAccess("plain"))
        assert engine.access("g", "plain") == NO_ACCESS
        assert engine.queue_names("g") == ["q", "plain"]
        await trio.sleep(10.0)
        assert engine.queue_names("g") == ["q"]
        with capture_logs():
            await ask(engine, crash())
        await ask(engine, Counts("q"))
        assert engine.access("g", "q") == asks
        assert engine.access("other", "q") is None
    async with memory_engine(store) as engine:
        assert engine.access("g", "q") == asks
        bad = await ask(engine, SetAccess("q", readers=("a\x00",)))
        assert bad == Refused(Code.INVALID_NAME)
        await ask(engine, SetAccess("q", "", (), (), declared=False))
        assert engine.access("g", "q") == NO_ACCESS
        await ask(engine, SetAccess("q", DIGEST[::-1]))
        another = engine.access("g", "q")
        assert another is not None
        assert another.key not in {None, key}
        await ask(engine, DeleteQueue("q"))
        assert (engine.access("g", "q"), engine.queue_names("g")) == (None, [])
        assert DIGEST not in repr(SetAccess("q", DIGEST)) + repr(asks)
        assert repr(key) not in repr(asks)


def test_a_key_is_kept_as_its_fingerprint() -> None:
    assert Storage().fingerprint(DIGEST) == hmac.digest(bytes(32), DIGEST.encode(), "sha256")


async def test_a_queue_made_by_publishing_asks_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await publish(engine)
        assert engine.access("g", "q") is NO_ACCESS
        assert WHO.group == "g"
