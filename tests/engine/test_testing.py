"""What is shipped for the tests of others."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from engine.access import Principal, Right, caller
from engine.commands import Counts, Get, Publish, Reserve
from engine.job import JobState
from engine.replies import OK, Code, Published, Refused
from engine.store.memory import MemoryStore
from engine.testing import START, NotScripted, ScriptedEngine, memory_engine
from tests.support.desk import GROUP, WHO, Box, Worker, publish, reserve, state_of

ROOT = Path(__file__).parents[2]


async def test_replies_come_in_the_order_of_the_script() -> None:
    engine = ScriptedEngine(Published("a"), lambda command: Refused(Code.UNKNOWN_JOB, command.job))
    engine.script(OK)
    box = Box()
    engine.submit(WHO, Publish("q", "t", b""), box, "r-1")
    engine.submit(WHO, Get("j"), box)
    assert engine.remaining == 1
    engine.submit(WHO, Counts("q"), box)
    assert box.got == [Published("a"), Refused(Code.UNKNOWN_JOB, "j"), OK]
    assert engine.commands == [Publish("q", "t", b""), Get("j"), Counts("q")]
    assert engine.remaining == 0
    assert engine.asked[0].request == "r-1"
    assert engine.asked[0].who is WHO
    assert engine.asked[0].to is box


async def test_more_than_the_script_has_is_an_error_that_says_so() -> None:
    engine = ScriptedEngine(OK, OK)
    for _ in range(2):
        engine.submit(WHO, Counts("q"), Box())
    with pytest.raises(NotScripted, match=r"Get\(job='j'\) was asked after all 2 scripted replies"):
        await engine.execute(WHO, Get("j"))


async def test_an_answer_may_be_left_to_the_test() -> None:
    engine = ScriptedEngine(lambda _: None)
    box = Box()
    engine.submit(WHO, Counts("q"), box)
    assert box.got == []
    engine.asked[0].to.send(OK)
    assert box.got == [OK]


async def test_the_script_is_for_those_who_may_ask() -> None:
    engine = ScriptedEngine(OK)
    reader = caller(Principal("eve", {GROUP: Right.READ}), GROUP)
    assert await engine.execute(reader, Publish("q", "t", b"")) == Refused(Code.FORBIDDEN)
    assert engine.asked == []
    assert await engine.execute(reader, Counts("q")) == OK


async def test_a_scripted_engine_knows_who_left_and_what_was_given_up() -> None:
    engine = ScriptedEngine(lambda _: None)
    peer = Worker()
    engine.gone(peer)
    assert engine.left == [peer]
    with trio.CancelScope() as scope:
        scope.cancel()
        await engine.execute(WHO, Counts("q"))
    assert engine.forgotten == [Counts("q")]


async def test_the_engine_in_memory_runs_in_virtual_time(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        (taken,) = await reserve(engine)
        assert (taken.id, taken.created_at) == (job, START)
        await trio.sleep(59.9)
        assert await state_of(engine, job) is JobState.RESERVED
        await trio.sleep(0.2)
        assert await state_of(engine, job) is JobState.READY


async def test_a_seed_gives_the_same_ids_again(autojump_clock: MockClock) -> None:
    ids: list[list[str]] = []
    for seed in (1, 1, 2):
        clock = trio.current_time()
        async with memory_engine(seed=seed) as engine:
            ids.append([(await publish(engine))[14:] for _ in range(3)])
        assert trio.current_time() == clock
    assert ids[0] == ids[1] != ids[2]


async def test_settings_go_by_name(autojump_clock: MockClock) -> None:
    async with memory_engine(queues=1) as engine:
        await publish(engine, "a")
        assert await engine.execute(WHO, Publish("b", "t", b"")) == Refused(Code.TOO_MANY_QUEUES)
    with pytest.raises(TypeError, match="colour"):
        async with memory_engine(colour=1):
            pass


async def test_a_store_handed_in_sees_a_restart(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        job = await publish(engine, payload=b"kept")
    async with memory_engine(store) as engine:
        (taken,) = await reserve(engine)
        assert (taken.id, taken.payload) == (job, b"kept")


async def test_what_waits_in_virtual_time_ends(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await engine.execute(WHO, Reserve("q", wait=30.0)) is not None
        assert trio.current_time() == 30.0


def test_the_public_face_loads_what_is_asked_for_and_no_more() -> None:
    program = (
        "import sys, engine\n"
        "assert engine.Right.WORK and engine.commands.Publish and engine.replies.OK\n"
        "assert not {'trio', 'apsw'} & set(sys.modules)\n"
        "assert engine.run_engine and engine.open_store and 'trio' in sys.modules\n"
        "assert all(getattr(engine, name) for name in dir(engine))\n"
        "engine.no_such_name\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.stderr.splitlines()[-1] == (
        "AttributeError: module 'engine' has no attribute 'no_such_name'"
    )
