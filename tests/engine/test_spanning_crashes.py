"""A reserve over several queues, some of which crash."""

from collections.abc import Iterator

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.claim import Claim
from engine.commands import (
    Publish,
    Reserve,
)
from engine.job import JobState
from engine.replies import Code, Refused
from engine.testing import memory_engine
from tests.support.desk import (
    WHO,
    Box,
    ask,
    publish,
    settle,
    state_of,
)
from tests.support.faults import crash, crash_once, plant
from tests.support.many_queues import ALL, make, wait_for_any
from tests.support.stores import GatedStore

INTERNAL = Refused(Code.INTERNAL)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plant(monkeypatch)
    with capture_logs():
        yield


async def test_a_refusal_of_one_queue_is_not_the_answer_of_all(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine(crashes=0) as engine:
        await make(engine, "a")
        box = wait_for_any(engine)
        await settle()
        assert await ask(engine, crash("a")) == INTERNAL
        assert box.got == []
        job = await publish(engine, "b")
        assert [found.id for found in box.only.jobs] == [job]


async def test_when_every_queue_crashed_that_is_the_answer(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine() as engine:
        await make(engine, *ALL)
        box = wait_for_any(engine)
        await settle()
        for queue in ALL:
            assert box.got == []
            assert await ask(engine, crash(queue)) == INTERNAL
        assert box.got == [INTERNAL]


async def test_a_crash_of_the_queue_that_took_it_is_told_once(
    autojump_clock: MockClock, planted: None
) -> None:
    async with memory_engine() as engine:
        await make(engine, *ALL)
        box, published = wait_for_any(engine), Box()
        await settle()
        engine.submit(WHO, Publish("b", "t", b""), published)
        assert await ask(engine, crash("b")) == INTERNAL
        await settle()
        assert (box.got, published.got) == ([INTERNAL], [INTERNAL])
        job = await publish(engine, "c")
        await trio.sleep(100)
        assert len(box.got) == 1
        assert await state_of(engine, job) is JobState.READY


async def test_a_crash_elsewhere_does_not_take_a_grant_back(
    autojump_clock: MockClock, planted: None
) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine:
        await make(engine, *ALL)
        box, published = wait_for_any(engine), Box()
        await settle(200)
        async with store.closed():
            engine.submit(WHO, Publish("a", "t", b""), published)
            await settle()
            engine.submit(WHO, crash("b"), Box())
            await settle()
        await published.wait_for(1)
        await settle()
        assert [found.id for found in box.only.jobs] == [published.only.job]


@pytest.mark.parametrize("how", ["asked", "parked", "timed out"])
async def test_a_crash_of_another_queue_never_speaks_for_the_one_that_took_it(
    autojump_clock: MockClock, planted: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    store, box, published = GatedStore(), Box(), Box()
    async with memory_engine(store) as engine:
        await make(engine, "a", "b")
        claim = Claim(box, 2)
        engine.submit(WHO, Reserve("a", ("t",), wait=9.0), claim)
        if how != "asked":
            engine.submit(WHO, Reserve("b", ("t",), wait=5.0), claim)
        await trio.sleep(4)
        async with store.closed():
            engine.submit(WHO, Publish("a", "t", b""), published)
            await settle()
            if how == "asked":
                engine.submit(WHO, Reserve("b", ("t",), wait=5.0), claim)
            elif how == "timed out":
                crash_once(monkeypatch, "b", answering=True)
                await trio.sleep(1)
            engine.submit(WHO, crash("b"), Box())
            await settle()
        await published.wait_for(1)
        await settle()
        assert [found.id for found in box.only.jobs] == [published.only.job]
