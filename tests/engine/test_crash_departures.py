"""A crash of a queue and those who come, go, and come back round it."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import (
    Done,
    Health,
    Publish,
    Reserve,
    Subscribe,
    Touch,
)
from engine.job import JobState
from engine.replies import OK, Code, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    WHO,
    Box,
    Worker,
    ask,
    look,
    publish,
    settle,
    state_of,
)
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

INTERNAL = Refused(Code.INTERNAL)
FAILED = Refused(Code.QUEUE_FAILED)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    plant(monkeypatch)
    with capture_logs() as logs:
        yield logs


async def test_a_subscriber_goes_on_with_what_it_has(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        first, second, third = [await publish(engine) for _ in range(3)]
        assert await ask(engine, Subscribe("q", credit=2), worker.who) == OK
        assert await ask(engine, crash()) == INTERNAL
        await settle()
        assert [job.id for job in worker.pushed] == [first, second]
        for job in (first, second):
            assert await ask(engine, Done(job), worker.who) == OK
        fourth = await publish(engine)
        assert [job.id for job in worker.pushed] == [first, second, third, fourth]
        engine.gone(worker)
        await settle()
        found = await look(engine, third)
        assert (found.state, found.attempts, found.more.disconnects) == (JobState.READY, 0, 1)


async def test_a_subscription_of_the_crashing_batch_never_was(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker, box = Worker(), Box()
        await publish(engine, "q")
        engine.submit(worker.who, Subscribe("q"), box)
        assert await ask(engine, crash()) == INTERNAL
        await trio.sleep(1)
        assert (box.got, worker.box.got) == ([INTERNAL], [])


async def test_a_request_of_the_crashing_batch_is_done_when_it_is_asked_again(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        box = Box()
        await publish(engine)
        engine.submit(WHO, Publish("q", "t", b""), box, "again")
        assert await ask(engine, crash()) == INTERNAL
        assert box.only == INTERNAL
        made = await ask(engine, Publish("q", "t", b""), request="again")
        assert await state_of(engine, made.job) is JobState.READY


async def test_who_left_in_the_crashing_batch_has_left(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine)
        assert await ask(engine, Subscribe("q", credit=5), worker.who) == OK
        engine.gone(worker)
        assert await ask(engine, crash()) == INTERNAL
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.disconnects) == (JobState.READY, 1)
        assert (await ask(engine, Health())).workers == 0


async def test_who_began_anew_in_the_crashing_batch_has_nothing_of_before(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        job = await publish(engine)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        engine.gone(worker, for_good=False)
        assert await ask(engine, crash()) == INTERNAL
        await settle()
        found = await look(engine, job)
        assert (found.state, found.more.disconnects) == (JobState.READY, 1)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        assert [view.id for view in worker.pushed] == [job, job]


async def test_a_call_given_up_round_a_crash_keeps_nothing(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        job = await publish(engine)
        async with store.closed():
            with trio.move_on_after(1):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(engine.execute, WHO, Reserve("q"))
                    await settle()
                    engine.submit(WHO, crash(), Box())
                    await settle()
                    await trio.sleep_forever()
        await settle()
        found = await look(engine, job)
        assert (found.state, found.attempts, found.more.releases) == (JobState.READY, 0, 1)


async def test_who_is_away_when_it_crashes_has_its_grace_and_no_more(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        worker = Worker(grace=10.0)
        job = await publish(engine)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        engine.gone(worker)
        await trio.sleep(5)
        assert await ask(engine, crash()) == INTERNAL
        assert await state_of(engine, job) is JobState.RESERVED
        await trio.sleep(11)
        found = await look(engine, job)
        assert (found.state, found.more.disconnects) == (JobState.READY, 1)


async def test_who_came_back_over_a_new_connection_still_holds_after_a_crash(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        before, after = Worker("host:1", grace=10.0), Worker("host:2", grace=10.0)
        job = await publish(engine)
        assert await ask(engine, Subscribe("q"), before.who) == OK
        (held,) = before.pushed
        engine.gone(before)
        await trio.sleep(5)
        assert await ask(engine, Touch(job, held.reservation), after.who) == OK
        assert await ask(engine, crash()) == INTERNAL
        await trio.sleep(30)
        assert await ask(engine, Done(job), after.who) == OK
        assert (await look(engine, job)).more.disconnects == 0
