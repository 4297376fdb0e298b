"""A worker's functions, run where the test is."""

import asyncio
import sys

import pytest

from jobyard import draining
from jobyard.hand import Running, RunningInThread
from jobyard.tasks import GiveUp, Retry, Stopped
from jobyard.testing import VirtualEngine
from jobyard.virtual import Stuck
from jobyard.worker import Worker
from tests.library.test_virtual import Run, run, virtual

__all__ = ["run", "virtual"]


@pytest.fixture
def worker() -> Worker:
    return Worker("jobyard://nowhere", "images")


def test_functions_with_and_without_async(virtual: VirtualEngine, worker: Worker) -> None:
    @worker.task("resize")
    def resize(job: RunningInThread) -> dict[str, int]:
        job.progress(0.5, "half")
        job.log("resizing")
        job.check()
        virtual.publish("images", "store", b"from " + job.payload)
        return {"width": job.json()["width"] // 2}

    @worker.task("store")
    async def store(job: Running) -> bytes:
        await job.progress(1.0)
        return job.payload

    virtual.publish("images", "resize", {"width": 8})
    virtual.publish("images", "nobody's")
    resized, stored = virtual.drain(worker)
    assert (resized.type, resized.state, resized.result) == ("resize", "done", b'{"width":4}')
    assert (resized.progress, resized.note) == (0.5, "half")
    assert resized.log is not None
    assert resized.log[0][1] == "resizing"
    assert (stored.type, stored.state, stored.result) == ("store", "done", b'from {"width":8}')
    assert virtual.counts("images").states["ready"] == 1
    assert virtual.drain(worker) == []


def test_in_a_test_that_is_asynchronous_itself(
    virtual: VirtualEngine, worker: Worker, run: Run
) -> None:
    @worker.task("plain")
    def plain(job: RunningInThread) -> None:
        job.log("here")

    @worker.task("waiting")
    async def waiting(job: Running) -> None:
        await job.log("there")

    async def program() -> None:
        client = virtual.client
        await client.publish("images", "plain")
        await client.publish("images", "waiting", delay=60)
        worked = await client.drain(worker, scheduled=True)
        assert [(job.type, job.state) for job in worked] == [("plain", "done"), ("waiting", "done")]

    run(program)


def test_failures_are_those_of_a_worker(virtual: VirtualEngine, worker: Worker) -> None:
    left = [Retry("not yet", delay=60), ValueError("a\ud800b"), GiveUp("never")]

    @worker.task("fails", delay=5)
    def fails(job: RunningInThread) -> None:
        raise left.pop(0)

    virtual.publish("images", "fails")
    start = virtual.now
    (first,) = virtual.drain(worker)
    assert (first.state, first.error_type, first.error) == ("scheduled", "Retry", "not yet")
    assert virtual.now == start
    second, third = virtual.drain(worker, scheduled=True)
    assert (second.state, second.error) == ("scheduled", "a\\ud800b")
    assert (third.state, third.reason, third.failures) == ("failed", "told", 3)
    assert virtual.now == pytest.approx(start + 65, abs=1e-3)


def test_what_a_function_raises_may_be_let_out(virtual: VirtualEngine, worker: Worker) -> None:
    @worker.task("fails")
    async def fails(job: Running) -> None:
        raise LookupError(job.id)

    made = virtual.publish("images", "fails")
    with pytest.raises(LookupError, match=made.job):
        virtual.drain(worker, raising=True)
    assert virtual.get(made.job).state == "ready"


def test_exits_and_cancellations_of_a_functions_own_fail_its_attempt(
    virtual: VirtualEngine, worker: Worker
) -> None:
    @worker.task("exits")
    def exits(_: RunningInThread) -> None:
        sys.exit("no more")

    @worker.task("cancels")
    async def cancels(_: Running) -> None:
        own = asyncio.ensure_future(asyncio.Event().wait())
        own.cancel()
        await own

    virtual.publish("images", "exits")
    virtual.publish("images", "cancels")
    assert [(job.state, job.error) for job in virtual.drain(worker)] == [
        ("scheduled", "the function ended by SystemExit('no more')"),
        ("scheduled", "the function ended by CancelledError()"),
    ]
    virtual.advance(hours=1)
    with pytest.raises(RuntimeError, match="no more"):
        virtual.drain(worker, raising=True)


def test_a_function_that_stops_gives_its_job_back(virtual: VirtualEngine, worker: Worker) -> None:
    seen = []

    @worker.task("stops")
    def stops(job: RunningInThread) -> None:
        seen.append(job.id)
        if len(seen) == 1:
            raise Stopped("enough")

    virtual.publish("images", "stops")
    first, second = virtual.drain(worker)
    assert (first.state, first.releases, second.state) == ("ready", 1, "done")


def test_a_job_that_is_canceled_under_its_function(virtual: VirtualEngine, worker: Worker) -> None:
    @worker.task("canceled")
    def canceled(job: RunningInThread) -> None:
        virtual.cancel(job.id)

    virtual.publish("images", "canceled")
    (job,) = virtual.drain(worker)
    assert job.state == "canceled"


def test_jobs_without_end_are_noticed(
    virtual: VirtualEngine, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST", 20)

    @worker.task("again")
    def again(job: RunningInThread) -> None:
        virtual.publish("images", "again")

    virtual.publish("images", "again")
    with pytest.raises(Stuck, match="20 jobs"):
        virtual.drain(worker)


def test_several_queues(virtual: VirtualEngine, worker: Worker) -> None:
    @worker.task("a", queue="one")  # the second to be entered
    @worker.task("b", queue="two")
    def work(job: RunningInThread) -> None:
        pass

    virtual.publish("two", "b")
    virtual.publish("one", "a")
    virtual.publish("two", "a")
    assert [job.queue for job in virtual.drain(worker)] == ["two", "one"]
