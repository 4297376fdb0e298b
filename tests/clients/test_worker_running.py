"""What a worker does round its functions: what it says of them, and what they find."""

import asyncio
import math
import sys
from contextlib import suppress
from functools import partial

import anyio
import anyio.lowlevel

from jobyard import Client, current_job
from jobyard.hand import Running, RunningInThread
from jobyard.job import Job
from jobyard.tasks import Retry
from jobyard.testing import VirtualEngine
from jobyard.worker import Worker
from tests.clients.loops import both_loops, under
from tests.clients.test_worker import at_work, happened, over, worker_of, yard
from tests.clients.yard import Yard

__all__ = ["yard"]


@both_loops
def test_the_start_of_what_takes_long_is_told_once(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    async def body() -> None:
        go = anyio.Event()

        @worker.task("long")
        async def long(_: Running) -> None:
            await go.wait()

        ids = [yard.publish("mail", "long") for _ in range(2)]
        async with at_work(worker):
            await happened(yard, lambda: yard.heard["STARTED"] == 2)
            go.set()
            await over(yard, *ids)
        told = sorted((job, word) for job, word, _ in yard.notes)
        assert told == [(job, word) for job in ids for word in ("DONE", "STARTED")]

    under(loop, body)


@both_loops
def test_code_without_the_job_finds_it(yard: Yard, loop: str) -> None:
    worker = worker_of(yard, concurrency=2)

    def name() -> bytes:
        job = current_job()
        assert job is not None
        return job.payload

    @worker.task("task")
    async def task(job: Running) -> bytes:
        assert current_job() is job
        await anyio.lowlevel.checkpoint()
        return name()

    @worker.task("thread")
    def thread(job: RunningInThread) -> bytes:
        assert current_job() is job
        return name()

    @worker.task("bad")
    async def bad(_: Running) -> None:
        raise ValueError(name())

    async def body() -> None:
        kinds = ["task", "thread", "bad"] * 4
        ids = [yard.publish("mail", kind, b"%d" % at) for at, kind in enumerate(kinds)]
        async with at_work(worker):
            ended = await over(yard, *ids)
        said = [job["said"].get(b"ERROR", job["result"]) for job in ended]
        assert said == [b"b'%d'" % n if n % 3 == 2 else b"%d" % n for n in range(12)]
        assert current_job() is None

    under(loop, body)


@both_loops
def test_a_delay_that_cannot_be_is_a_failed_attempt_and_no_more(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    def broken(_: Job, __: Exception) -> float:
        raise KeyError("no delay")

    @worker.task("nan")
    async def nan(_: Running) -> None:
        raise Retry(delay=math.nan)

    @worker.task("broken", delay=broken)
    def fails(_: RunningInThread) -> None:
        raise OSError

    @worker.task("fine")
    async def fine(_: Running) -> None: ...

    async def body() -> None:
        ids = [yard.publish("mail", kind) for kind in ("nan", "broken", "fine")]
        async with at_work(worker):
            ended = await over(yard, *ids)
        assert [job["state"] for job in ended] == ["scheduled", "scheduled", "done"]
        assert [job["said"].get(b"ERROR_TYPE") for job in ended] == [b"Delay", b"Delay", None]

    under(loop, body)


@both_loops
def test_a_function_that_exits_ends_its_attempt_and_not_the_worker(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    @worker.task("exits")
    async def exits(_: Running) -> None:
        sys.exit(3)

    @worker.task("exits in a thread")
    def exits_in_thread(_: RunningInThread) -> None:
        sys.exit("no more")

    @worker.task("fine")
    async def fine(_: Running) -> None: ...

    async def body() -> None:
        ids = [yard.publish("mail", kind) for _, kind in worker.tasks]
        async with at_work(worker):
            ended = await over(yard, *ids)
        assert [job["state"] for job in ended] == ["scheduled", "scheduled", "done"]
        assert [job["said"].get(b"ERROR") for job in ended] == [
            b"the function ended by SystemExit(3)",
            b"the function ended by SystemExit('no more')",
            None,
        ]

    under(loop, body)


def test_a_cancellation_from_inside_ends_an_attempt_and_not_the_worker(yard: Yard) -> None:
    worker = worker_of(yard, concurrency=1)

    async def cancel_own() -> None:
        own = asyncio.ensure_future(asyncio.Event().wait())
        await asyncio.sleep(0)
        own.cancel()
        await own

    @worker.task("inside")
    async def inside(_: Running) -> None:
        await cancel_own()

    @worker.task("thread")
    def thread(_: RunningInThread) -> None:
        asyncio.run(cancel_own())

    @worker.task("itself")
    async def itself(_: Running) -> None:
        running = asyncio.current_task()
        assert running is not None
        running.cancel()
        await asyncio.sleep(0)

    @worker.task("stopped")
    async def stopped(job: Running) -> None:
        try:
            async with Client(yard.url) as client:
                await client.cancel(job.id)
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        await cancel_own()

    @worker.task("fine")
    async def fine(_: Running) -> None: ...

    async def body() -> None:
        ids = [yard.publish("mail", kind) for _, kind in worker.tasks]
        async with at_work(worker):
            ended = await over(yard, *ids)
        assert [job["state"] for job in ended] == [*["scheduled"] * 3, "canceled", "done"]

    under("asyncio", body)


@both_loops
def test_who_is_stopped_takes_no_other_job_along(yard: Yard, loop: str) -> None:
    worker = worker_of(yard, concurrency=1, credit=10)
    begun: list[str] = []

    @worker.task("long")
    async def long(job: Running) -> None:
        begun.append(job.id)
        await anyio.sleep_forever()

    @worker.task("deaf")
    async def deaf(job: Running) -> None:
        begun.append(job.id)
        with suppress(anyio.get_cancelled_exc_class()):
            await anyio.sleep_forever()

    @worker.task("short")
    async def short(_: Running) -> None:
        await anyio.lowlevel.checkpoint()

    async def body() -> None:
        kinds = ["short", "long", "short", "deaf", "short"]
        ids = [yard.publish("mail", kind) for kind in kinds]
        async with Client(yard.url) as client, at_work(worker):
            for job in (ids[1], ids[3]):
                await happened(yard, partial(begun.__contains__, job))
                await client.cancel(job)
            ended = await over(yard, *ids)
        assert [job["state"] for job in ended] == ["done", "canceled", "done", "done", "done"]

    under(loop, body)


def test_it_is_found_in_a_drained_worker_too() -> None:
    worker = Worker("jobyard://nowhere", "mail")

    @worker.task("task")
    async def task(job: Running) -> bool:
        return current_job() is job

    @worker.task("plain")
    def plain(job: RunningInThread) -> bool:
        return current_job() is job

    with VirtualEngine() as engine:
        engine.publish("mail", "task")
        engine.publish("mail", "plain")
        assert [job.result for job in engine.drain(worker)] == [b"true", b"true"]
    assert current_job() is None
