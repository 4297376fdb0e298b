"""Bytes a holder leaves for the next attempt, across failures, crashes and restarts."""

from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import Checkpoint, Done, Fail, Log, Release
from engine.directory import run_engine
from engine.queue_state import QueueLimits
from engine.replies import OK, Code, Refused
from engine.store.memory import MemoryStore
from engine.store.open import open_store
from engine.store.options import Options
from engine.testing import memory_engine
from tests.support.desk import Worker, ask, look, publish, reserve
from tests.support.faults import crash, plant

SMALL = Options(reserve=0, low_water=0, log=0)


async def test_the_next_attempt_goes_on_from_the_checkpoint(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        (held,) = await reserve(engine)
        assert held.details is None
        assert await ask(engine, Checkpoint(job, b"\x00half", held.reservation)) == OK
        assert await ask(engine, Fail(job, held.reservation, "no", delay=0.0)) == OK
        (again,) = await reserve(engine)
        assert again.details is not None
        assert (again.details.checkpoint, again.details.error) == (b"\x00half", "no")
        assert await ask(engine, Checkpoint(job, b"more", again.reservation)) == OK
        assert await ask(engine, Release(job, again.reservation)) == OK
        (last,) = await reserve(engine)
        assert await ask(engine, Done(job, last.reservation)) == OK
        kept = (await look(engine, job)).details
        assert kept is not None
        assert kept.checkpoint == b"more"


async def test_only_the_live_holder_leaves_a_checkpoint(autojump_clock: MockClock) -> None:
    async with memory_engine(limits=QueueLimits(result=10)) as engine:
        job = await publish(engine)
        worker = Worker()
        (held,) = await reserve(engine, who=worker.who)
        lost = Refused(Code.RESERVATION_LOST)
        assert await ask(engine, Checkpoint(job, b"x", held.reservation)) == lost
        assert await ask(engine, Checkpoint(job, b"x", "1-999"), worker.who) == lost
        large = await ask(engine, Checkpoint(job, b"x" * 11), worker.who)
        assert large.code is Code.PAYLOAD_TOO_LARGE
        assert (await look(engine, job)).details is None
        assert await ask(engine, Checkpoint(job, b"x" * 10), worker.who) == OK


async def test_a_checkpoint_is_a_sign_of_life(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        job = await publish(engine)
        (held,) = await reserve(engine, lease=10.0)
        for _ in range(5):
            await trio.sleep(6.0)
            assert await ask(engine, Checkpoint(job, b"", held.reservation)) == OK


async def test_a_restart_keeps_checkpoint_and_log(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        job = await publish(engine)
        (held,) = await reserve(engine)
        await ask(engine, Log(job, "first", held.reservation))
        await ask(engine, Checkpoint(job, b"half", held.reservation))
    async with memory_engine(store) as engine:
        assert await ask(engine, Log(job, "second", held.reservation)) == OK
        assert await ask(engine, Release(job, held.reservation)) == OK
        (again,) = await reserve(engine)
        assert again.details is not None
        assert again.details.checkpoint == b"half"
        assert [line for _, line in again.details.log] == ["first", "second"]


async def test_a_crash_of_the_queue_keeps_it_too(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    async with memory_engine() as engine:
        job = await publish(engine)
        (held,) = await reserve(engine)
        await ask(engine, Checkpoint(job, b"half", held.reservation))
        with capture_logs():
            assert await ask(engine, crash()) == Refused(Code.INTERNAL)
        assert await ask(engine, Release(job, held.reservation)) == OK
        (again,) = await reserve(engine)
        assert again.details is not None
        assert again.details.checkpoint == b"half"


async def test_it_is_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    async with open_store(path, options=SMALL) as store, run_engine(store) as engine:
        job = await publish(engine)
        (held,) = await reserve(engine)
        await ask(engine, Checkpoint(job, b"half", held.reservation))
    async with open_store(path, options=SMALL) as store, run_engine(store) as engine:
        assert await ask(engine, Release(job, held.reservation)) == OK
        (again,) = await reserve(engine)
        assert again.details is not None
        assert again.details.checkpoint == b"half"
