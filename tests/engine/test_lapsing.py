"""A job whose lease ran out goes to somebody else, if there is anybody, and says how it went."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Delete, Publish, PublishOptions, Subscribe
from engine.events import Filter
from engine.job import JobPolicy
from engine.replies import OK
from engine.testing import memory_engine
from tests.support.desk import Worker, ask, publish, reserve, settle

SHORT = PublishOptions(policy=JobPolicy(lease=5.0))


@pytest.mark.parametrize("others", [0, 1, 2])
async def test_who_let_it_lapse_has_it_again_only_when_alone(
    autojump_clock: MockClock, others: int
) -> None:
    async with memory_engine() as engine:
        slow, *rest = (Worker(f"host:{number}") for number in range(others + 1))
        assert await ask(engine, Subscribe("q", credit=2), slow.who) == OK
        job = (await ask(engine, Publish("q", "t", b"", SHORT))).job
        for worker in rest:
            assert await ask(engine, Subscribe("q", credit=2), worker.who) == OK
        await trio.sleep(6)
        for worker, had in zip([slow, *rest], [2, 0, 0] if not rest else [1, 1, 0], strict=False):
            assert [view.id for view in worker.pushed] == [job] * had


async def test_who_let_it_lapse_is_given_another_first(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        slow, other = Worker("host:1"), Worker("host:2")
        assert await ask(engine, Subscribe("q", credit=2), slow.who) == OK
        lapsed = (await ask(engine, Publish("q", "t", b"", SHORT))).job
        await trio.sleep(4)
        assert await ask(engine, Subscribe("q"), other.who) == OK
        await trio.sleep(2)
        assert [view.id for view in other.pushed] == [lapsed]
        later = await publish(engine)
        assert [view.id for view in slow.pushed] == [lapsed, later]


async def test_a_job_that_took_too_long_says_how(autojump_clock: MockClock) -> None:
    policy = JobPolicy(lease=5.0, run_limit=8.0)
    async with memory_engine() as engine:
        with engine.feed.listen(Filter(types=frozenset({"t"}))) as listener:
            await ask(engine, Publish("q", "t", b"", PublishOptions(policy=policy)))
            await reserve(engine)
            await trio.sleep(6)
            (taken,) = await reserve(engine, lease=60.0)
            await trio.sleep(9)
            await ask(engine, Delete(taken.id))
            await settle()
            got = await listener.next()
    assert [(event.what.value, event.reason) for event in got] == [
        ("published", ""), ("reserved", ""), ("lapsed", "lapsed"), ("reserved", ""),
        ("retry", "too-long"), ("ready", ""), ("deleted", ""),
    ]  # fmt: skip
