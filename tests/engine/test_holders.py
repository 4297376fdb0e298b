"""Who holds what is remembered beside the queue, for as long as it is held."""

import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import Done, Subscribe
from engine.holders import SLACK
from engine.job import JobState
from engine.replies import OK, Code, Refused
from engine.testing import memory_engine
from tests.support.desk import Worker, ask, look, publish, reserve, settle, state_of
from tests.support.faults import crash, plant

ROUNDS = 3 * SLACK


async def test_what_is_over_is_forgotten_and_the_rest_survives_a_crash(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        worker, other = Worker(), Worker("host:2")
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        kept = await publish(engine)
        for _ in range(ROUNDS):
            await publish(engine)
            (job,) = await reserve(engine, who=other.who)
            assert await ask(engine, Done(job.id, job.reservation), other.who) == OK
        holders = engine.queues["g"]["q"]._holders
        assert len(holders.peers) <= SLACK + 4
        with capture_logs():
            assert await ask(engine, crash()) == Refused(Code.INTERNAL)
        assert worker.holding == 1
        assert await ask(engine, Done(kept), worker.who) == OK
        assert worker.holding == 0
        assert [job.id for job in worker.pushed] == [kept]  # it never came back meanwhile


async def test_a_crash_counts_nobody_s_jobs_twice(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        worker = Worker()
        for queue in ("q", "other"):
            assert await ask(engine, Subscribe(queue, credit=2), worker.who) == OK
            await publish(engine, queue)
        job = await publish(engine)
        assert worker.holding == 3
        with capture_logs():
            assert await ask(engine, crash()) == Refused(Code.INTERNAL)
        assert worker.holding == 3
        engine.gone(worker)
        await settle()
        assert await state_of(engine, job) is JobState.READY
        assert (await look(engine, job)).more.disconnects == 1
        assert worker.holding == 0
