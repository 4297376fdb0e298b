"""Native words on a session with a real engine: pushes, cancellations, and coming back."""

from collections.abc import AsyncIterator
from copy import deepcopy

import pytest
import trio
from trio.testing import MockClock

from engine.directory import Directory
from engine.store.memory import MemoryStore
from engine.testing import memory_engine
from tests.frontends.native_talker import Native
from tests.frontends.resp_reading import flat


@pytest.fixture
async def engine() -> AsyncIterator[Directory]:
    async with memory_engine() as engine:
        yield engine


@pytest.fixture
def ada(engine: Directory) -> Native:
    return Native(engine)


async def test_jobs_are_pushed_up_to_the_credit(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2")
    assert await worker.ask("SUBSCRIBE_PUSH", "q", "CREDIT", "2", "TYPES", '["t"]') == "OK"
    for kind in ("t", "other", "t", "t"):
        await ada.ask("ENQUEUE", "q", kind, kind)
    await worker.settle()
    assert [(word, job["type"]) for word, job in worker.pushes] == [(b"job", b"t")] * 2
    assert await worker.ask("DONE", worker.pushes[0][1]["id"]) == "OK"
    await worker.settle()
    assert len(worker.pushes) == 3
    assert await worker.ask("UNSUBSCRIBE_PUSH", "q") == "OK"
    assert await worker.ask("DONE", worker.pushes[1][1]["id"]) == "OK"
    await ada.ask("ENQUEUE", "q", "t", "t")
    await worker.settle()
    assert len(worker.pushes) == 3


async def test_a_canceled_job_is_told_to_its_holder_at_once(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2")
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    (held,) = (await worker.ask("RESERVE", "q"))["jobs"]
    before = trio.current_time()
    assert await ada.ask("CANCEL", job) == "OK"
    await worker.settle()
    assert trio.current_time() == pytest.approx(before, abs=0.01)
    asked = {"job": job, "reservation": held["reservation"]}
    assert worker.pushes == [[b"cancel", asked]]
    assert await worker.ask("RELEASE", job) == "OK"
    assert (await ada.ask("GET", job))["job"]["state"] == b"canceled"


async def test_who_cannot_be_told_loses_a_canceled_job_at_once(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2")
    await worker.ask("HELLO", "2")
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    assert await worker.ask("RESERVE", "q")
    assert await ada.ask("CANCEL", job) == "OK"
    assert (await ada.ask("GET", job))["job"]["state"] == b"canceled"
    await worker.settle()
    assert worker.heard == worker.pushes == []
    assert await worker.refused("DONE", job) == "reservation-lost"


async def test_pushes_of_version_2_are_arrays(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2")
    worker.send("HELLO", "2")
    worker.send("SUBSCRIBE_PUSH", "q")
    await worker.settle()
    worker.heard.clear()
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    await ada.ask("CANCEL", job)
    await worker.settle()
    (word, pushed), (other, asked) = worker.heard
    assert (word, flat(pushed)["id"], other, flat(asked)["job"]) == (b"job", job, b"cancel", job)


async def test_a_reconnect_within_the_grace_keeps_the_job(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2", grace=10.0)
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    (held,) = (await worker.ask("RESERVE", "q"))["jobs"]
    worker.close()
    await trio.sleep(9)
    again = Native(engine, "127.0.0.1:3", grace=10.0)
    assert await again.ask("TOUCH", job, "RESERVATION", held["reservation"]) == "OK"
    await trio.sleep(5)
    assert await again.ask("DONE", job, "RESERVATION", held["reservation"]) == "OK"


async def test_after_the_grace_the_job_is_somebody_elses(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    worker = Native(engine, "127.0.0.1:2", grace=10.0)
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    (held,) = (await worker.ask("RESERVE", "q"))["jobs"]
    worker.close()
    (again,) = (await ada.ask("RESERVE", "q", "WAIT", "20"))["jobs"]
    assert (again["id"], again["disconnects"]) == (job, 1)
    late = Native(engine, "127.0.0.1:3")
    lost = await late.refused("DONE", job, "RESERVATION", held["reservation"])
    assert lost == "reservation-lost"


async def test_a_restart_keeps_jobs_for_who_comes_back(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        ada = Native(engine)
        job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
        (held,) = (await ada.ask("RESERVE", "q"))["jobs"]
        rows = deepcopy(store)  # as a server killed now leaves it
        ((_, _, token, _),) = rows._tenures.owners()
        rows._tenures.release(token)
    async with memory_engine(rows) as engine:
        other, again = Native(engine, "127.0.0.1:2"), Native(engine, "127.0.0.1:3")
        assert (await other.ask("RESERVE", "q", "WAIT", "5"))["jobs"] == []
        assert await other.refused("DONE", job) == "reservation-lost"
        assert await again.ask("DONE", job, "RESERVATION", held["reservation"]) == "OK"
