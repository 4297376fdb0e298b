"""A job whose lease ran out goes to somebody else, if there is anybody."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Publish, PublishOptions, Subscribe
from engine.job import JobPolicy
from engine.replies import OK
from engine.testing import memory_engine
from tests.support.desk import Worker, ask, publish

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
