"""A job that waits is changed by whoever saw it as it is, and by nobody else who says so."""

import trio
from trio.testing import MockClock

from engine.commands import Edit
from engine.replies import OK, Code, Refused
from engine.testing import memory_engine
from tests.support.desk import ask, look, publish, reserve


async def test_a_job_is_changed_only_as_it_was_seen(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        seen = (await look(engine, job)).updated_at
        await trio.sleep(1)
        assert await ask(engine, Edit(job, payload=b"first", updated_at=seen)) == OK
        late = await ask(engine, Edit(job, payload=b"second", updated_at=seen))
        assert isinstance(late, Refused)
        assert late.code is Code.WRONG_STATE
        assert (await look(engine, job)).payload == b"first"
        assert await ask(engine, Edit(job, payload=b"third")) == OK


async def test_a_ready_job_moves_to_its_new_place_and_leaves_none(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        jobs = [await publish(engine) for _ in range(3)]
        for job, priority in ((jobs[2], -1), (jobs[0], 1)):
            assert await ask(engine, Edit(job, priority=priority)) == OK
        ready = engine.queues["g"]["q"].state.ready
        assert ready.has("t")
        assert [job.id for job in await reserve(engine, limit=9)] == [jobs[2], jobs[1], jobs[0]]
        assert not ready.has("t")
