"""What doors may rely on, asked of the scripted engine and of the real one on several stores."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from engine.access import MEMBER, Caller, Principal, Right, caller
from engine.commands import (
    TABLE,
    Counts,
    Delete,
    Done,
    Get,
    Publish,
    Release,
    Reserve,
    ReserveAny,
    SetRecurrence,
    Subscribe,
    Unsubscribe,
)
from engine.directory import run_engine
from engine.replies import OK, Code, Granted, Published, Refused, Reply
from engine.source import seeded_source
from engine.store.open import Writer, open_store
from engine.store.options import Options
from engine.testing import Answer, ScriptedEngine, memory_engine
from tests.support.desk import GROUP, WHO, Box, Desk, Worker

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]
SMALL = Options(reserve=0, low_water=0, log=0)
FORBIDDEN = Refused(Code.FORBIDDEN)
EMPTY = Granted(())


@asynccontextmanager
async def scripted(*replies: Answer) -> AsyncIterator[Desk]:
    engine = ScriptedEngine(*replies)
    yield engine
    assert engine.remaining == 0


@asynccontextmanager
async def in_memory(*_: Answer) -> AsyncIterator[Desk]:
    async with memory_engine() as engine:
        yield engine


@asynccontextmanager
async def on_disk(path: Path, writer: Writer, *_: Answer) -> AsyncIterator[Desk]:
    async with (
        open_store(path, writer=writer, options=SMALL) as store,
        run_engine(store, source=seeded_source(0)) as engine,
    ):
        yield engine


@pytest.fixture(params=["scripted", "memory", "inline", "thread"])
def open_desk(request: pytest.FixtureRequest, tmp_path: Path) -> OpenDesk:
    """Opens a desk; what it is called with is the script, which the real ones need not."""
    match request.param:
        case "scripted":
            return scripted
        case "memory":
            return in_memory
        case writer:
            return partial(on_disk, tmp_path / "jobyard.db", writer)


async def ask(desk: Desk, command: object, who: Caller = WHO, request: str | None = None) -> Reply:
    with trio.fail_after(20):
        return await desk.execute(who, command, request)


async def test_a_call_gets_the_answer(open_desk: OpenDesk) -> None:
    async with open_desk(Published("id")) as desk:
        assert isinstance(await ask(desk, Publish("q", "t", b"x")), Published)


async def test_each_command_is_answered_once_at_its_own_address(open_desk: OpenDesk) -> None:
    boxes = [Box() for _ in range(300)]
    async with open_desk(*(Published(str(n)) for n in range(300)), OK) as desk:
        for number, box in enumerate(boxes):
            desk.submit(WHO, Publish(f"q{number % 3}", "t", b""), box)
        for box in boxes:
            await box.wait_for(1)
        await ask(desk, Counts("q0"))
    assert len({box.only.job for box in boxes}) == 300


async def test_answers_of_one_queue_come_in_the_order_asked(open_desk: OpenDesk) -> None:
    log: list[tuple[str, object]] = []
    boxes = [Box(str(number), log) for number in range(100)]
    async with open_desk(*(Published(str(n)) for n in range(100))) as desk:
        for box in boxes:
            desk.submit(WHO, Publish("q", "t", b""), box)
        await boxes[-1].wait_for(1)
    assert [name for name, _ in log] == [box.name for box in boxes]


async def test_without_the_right_nothing_is_routed(open_desk: OpenDesk) -> None:
    reader = caller(Principal("eve", {GROUP: Right.READ}), GROUP)
    stranger = caller(Principal("mal", {"other": MEMBER}), GROUP)
    unknown = Refused(Code.UNKNOWN_QUEUE)
    async with open_desk(unknown) as desk:
        for command in (Publish("q", "t", b""), Reserve("q"), SetRecurrence("q", "t", "* * * * *")):
            assert await ask(desk, command, reader) == FORBIDDEN
            assert await ask(desk, command, stranger) == FORBIDDEN
        assert await ask(desk, Counts("q"), stranger) == FORBIDDEN
        assert await ask(desk, Counts("q"), reader) == unknown


@pytest.mark.parametrize(
    "kind", [kind for kind, row in TABLE.items() if row.needs], ids=lambda kind: kind.__name__
)
async def test_every_command_that_needs_a_right_is_refused_without(kind: type) -> None:
    nobody = caller(Principal("nob"), GROUP)
    command: object = object.__new__(kind)  # nothing of it may be looked at
    engine = ScriptedEngine()
    assert await ask(engine, command, nobody) == FORBIDDEN
    assert engine.asked == []
    async with memory_engine() as real:
        assert await ask(real, command, nobody) == FORBIDDEN
        assert real.actors() == []


async def test_a_right_of_one_group_is_none_in_another(open_desk: OpenDesk) -> None:
    both = Principal("ada", {GROUP: MEMBER, "other": Right.READ})
    async with open_desk(Published("id"), Refused(Code.UNKNOWN_JOB)) as desk:
        job = await ask(desk, Publish("q", "t", b""), caller(both, GROUP))
        assert isinstance(job, Published)
        other = caller(both, "other")
        assert await ask(desk, Delete(job.job), other) == FORBIDDEN
        assert await ask(desk, Get(job.job), other) == Refused(Code.UNKNOWN_JOB)


async def test_a_name_that_is_not_known_is_an_answer(open_desk: OpenDesk) -> None:
    queue, job = Refused(Code.UNKNOWN_QUEUE), Refused(Code.UNKNOWN_JOB)
    async with open_desk(queue, queue, job, job) as desk:
        assert await ask(desk, Counts("nowhere")) == queue
        assert await ask(desk, Unsubscribe("nowhere")) == queue
        assert await ask(desk, Get("nobody")) == job
        assert await ask(desk, Release("nobody")) == job


@pytest.mark.parametrize("name", ["", "a\nb", "\x00", "x" * 201, "\ud800", "\x85"])
async def test_a_name_that_is_none_is_refused(open_desk: OpenDesk, name: str) -> None:
    invalid = Refused(Code.INVALID_NAME)
    async with open_desk(invalid, invalid) as desk:
        assert await ask(desk, Publish(name, "t", b"")) == invalid
        assert await ask(desk, ReserveAny((name, name))) == invalid


async def test_a_request_asked_again_has_no_second_effect(open_desk: OpenDesk) -> None:
    again, other = Published("1"), Published("2")
    async with open_desk(again, again, other) as desk:
        first = await ask(desk, Publish("q", "t", b""), request="r")
        assert await ask(desk, Publish("q", "t", b""), request="r") == first
        assert await ask(desk, Publish("q", "t", b""), request="s") != first


async def test_a_connection_may_go_at_any_time(open_desk: OpenDesk) -> None:
    peer = Worker()
    async with open_desk(OK, EMPTY, EMPTY) as desk:
        desk.gone(peer, for_good=False)
        assert await ask(desk, Subscribe("q"), peer.who) == OK
        desk.gone(peer)
        desk.gone(peer)
        assert await ask(desk, Reserve("q")) == EMPTY
        box = Box()
        desk.submit(peer.who, Reserve("q"), box)
        desk.gone(peer)
        await box.wait_for(1)


async def test_a_call_given_up_leaves_the_desk_as_it_was(open_desk: OpenDesk) -> None:
    async with open_desk(lambda _: None, Published("id"), OK) as desk:
        with trio.CancelScope() as scope:
            scope.cancel()
            await desk.execute(WHO, Reserve("q", wait=5.0))
        assert scope.cancelled_caught
        assert isinstance(await ask(desk, Publish("q", "t", b"")), Published)
        await ask(desk, Counts("q"))


async def test_what_is_reserved_is_whole_and_is_ended_by_its_holder(
    open_desk: OpenDesk,
) -> None:
    async with open_desk(Published("id"), EMPTY, OK, Refused(Code.RESERVATION_LOST)) as desk:
        published = await ask(desk, Publish("q", "t", b"\x00\xff"))
        granted = await ask(desk, Reserve("q"))
        assert isinstance(published, Published)
        assert isinstance(granted, Granted)
        if not isinstance(desk, ScriptedEngine):
            assert [(job.id, job.payload) for job in granted.jobs] == [(published.job, b"\x00\xff")]
        assert await ask(desk, Done(published.job)) == OK
        assert await ask(desk, Done(published.job)) == Refused(Code.RESERVATION_LOST)


async def test_a_push_reaches_the_connection_and_not_the_address(open_desk: OpenDesk) -> None:
    peer, box = Worker(), Box()
    async with open_desk(OK, Published("id"), OK) as desk:
        desk.submit(peer.who, Subscribe("q"), box)
        published = await ask(desk, Publish("q", "t", b"hi"))
        await ask(desk, Counts("q"))
        assert box.got == [OK]
        assert isinstance(published, Published)
        if not isinstance(desk, ScriptedEngine):
            assert [(job.id, job.payload) for job in peer.pushed] == [(published.job, b"hi")]
