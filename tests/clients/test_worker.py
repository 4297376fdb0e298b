"""A worker against a server that talks, cuts and cancels as it is told."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio import to_thread

from jobyard.client import Client
from jobyard.dialing import Backoff
from jobyard.errors import LoginRefused
from jobyard.hand import Running, RunningInThread
from jobyard.tasks import GiveUp, Retry, Stopped
from jobyard.worker import Worker
from tests.clients.loops import both_loops, under
from tests.clients.yard import Line, Yard

SOON = Backoff(0.001, 0.002)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


def worker_of(yard: Yard, **more: Any) -> Worker:
    return Worker(yard.url, "mail", backoff=SOON, **more)


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[anyio.Event]:
    """It works meanwhile, and is stopped gracefully at the end."""
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run, stop)
        yield stop
        stop.set()


async def happened(yard: Yard, true: Callable[[], bool]) -> None:
    await to_thread.run_sync(yard.wait_for, true)


async def over(yard: Yard, *jobs: str) -> list[dict[str, Any]]:
    ends = {"done", "failed", "canceled", "scheduled"}
    await happened(yard, lambda: all(yard.jobs[job]["state"] in ends for job in jobs))
    return [yard.jobs[job] for job in jobs]


@both_loops
def test_functions_of_both_kinds_do_their_jobs(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    @worker.task("greet")
    async def greet(job: Running) -> str:
        await job.progress(0.5, "half")
        await job.log("on it")
        await job.checkpoint(b"here")
        return f"Hello {job.payload.decode()}"

    @worker.task("add")
    def add(job: RunningInThread) -> int:
        job.progress(0.5)
        job.log("adding")
        job.checkpoint(job.kept or b"none")
        job.check()
        return int(sum(job.json()))

    async def body() -> None:
        first = yard.publish("mail", "greet", b"Ada")
        async with at_work(worker):
            second = yard.publish("mail", "add", b"[1,2]", checkpoint=b"kept")
            ended = await over(yard, first, second)
        assert [job["result"] for job in ended] == [b"Hello Ada", b"3"]
        words = [(job, word) for job, word, _ in yard.notes if word != "STARTED"]
        said = ["PROGRESS", "LOG", "CHECKPOINT", "DONE"]
        for job in (first, second):
            assert [word for named, word in words if named == job] == said
        assert (second, "CHECKPOINT", b"kept") in yard.notes

    under(loop, body)


@both_loops
def test_exceptions_say_whether_another_attempt_helps(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    def failing(kind: str, error: Exception, **how: Any) -> None:
        @worker.task(kind, **how)
        async def fail(_: Running) -> None:
            raise error

    failing("any", KeyError("lost \udc80"))
    failing("listed", OSError("down"), retry_on=(OSError,), delay=3)
    failing("other", KeyError("odd"), retry_on=(OSError,))
    failing("hopeless", FileNotFoundError("gone"), give_up_on=(FileNotFoundError,), delay=3)
    failing("asked", Retry("later", delay=7), retry_on=())
    failing("told", GiveUp("no use"))
    failing("counted", OSError("down"), delay=lambda job, _: 2.5 * job.attempts)
    worker.task("unsayable")(lambda _: object())

    async def body() -> None:
        kinds = [kind for _, kind in worker.tasks]
        ids = [yard.publish("mail", kind) for kind in kinds]
        async with at_work(worker):
            ended = await over(yard, *ids)
        said = {
            job["type"]: (job["said"][b"RETRY"], job["said"].get(b"DELAY"),
                          job["said"][b"ERROR_TYPE"])
            for job in ended
        }  # fmt: skip
        assert said == {
            "any": (b"true", None, b"KeyError"),
            "listed": (b"true", b"3", b"OSError"),
            "other": (b"false", None, b"KeyError"),
            "hopeless": (b"false", None, b"FileNotFoundError"),
            "asked": (b"true", b"7", b"Retry"),
            "told": (b"false", None, b"GiveUp"),
            "counted": (b"true", b"2.5", b"OSError"),
            "unsayable": (b"true", None, b"BadArgument"),
        }
        assert b"Traceback" in ended[0]["said"][b"TRACE"]

    under(loop, body)


@both_loops
def test_a_canceled_job_stops_its_function(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)
    stopped: list[str] = []
    begun: list[str] = []

    @worker.task("long")
    async def long(job: Running) -> None:
        begun.append(job.id)
        try:
            await anyio.sleep_forever()
        finally:
            stopped.append(job.id)

    @worker.task("thread")
    def thread(job: RunningInThread) -> None:
        begun.append(job.id)
        try:
            while True:
                job.log("still here")
        except Stopped as why:
            stopped.append(f"{job.id} {why}")
            raise

    async def body() -> None:
        ids = [yard.publish("mail", "long"), yard.publish("mail", "thread")]
        async with Client(yard.url) as client, at_work(worker):
            await happened(yard, lambda: len(begun) == 2)
            for job in ids:
                await client.cancel(job)
            ended = await over(yard, *ids)
        assert [job["state"] for job in ended] == ["canceled", "canceled"]
        assert sorted(stopped) == [ids[0], f"{ids[1]} canceled"]

    under(loop, body)


@both_loops
def test_a_lost_reservation_stops_its_function_and_says_nothing_more(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    async def body() -> None:
        ended = anyio.Event()

        @worker.task("long")
        async def long(_: Running) -> None:
            try:
                await anyio.sleep_forever()
            finally:
                ended.set()

        job = yard.publish("mail", "long", lease=0.03)
        async with at_work(worker):
            await happened(yard, lambda: yard.heard["TOUCH"] > 2)
            with yard.changed:
                yard.jobs[job]["reservation"] = "1-999"
            await ended.wait()
        assert {word for _, word, _ in yard.notes} == {"STARTED", "TOUCH"}

    under(loop, body)


@both_loops
def test_a_cut_connection_stops_nothing_and_loses_nothing(yard: Yard, loop: str) -> None:
    worker = worker_of(yard, concurrency=3)
    ran: list[str] = []

    async def body() -> None:
        go = anyio.Event()

        @worker.task("held")
        async def held(job: Running) -> str:
            ran.append(job.id)
            await go.wait()
            return "kept"

        ids = [yard.publish("mail", "held") for _ in range(3)]
        async with at_work(worker):
            await happened(yard, lambda: len(ran) == 3)
            for times in (2, 3):
                yard.cut()
                await happened(yard, partial(lambda n: yard.heard["SUBSCRIBE_PUSH"] == n, times))
            touched = {job for job, word, _ in yard.notes if word == "TOUCH"}
            assert touched == set(ids)
            more = yard.publish("mail", "held")
            go.set()
            ended = await over(yard, *ids, more)
        assert [job["result"] for job in ended] == [b"kept"] * 4
        assert [job["attempts"] for job in ended] == [1] * 4
        assert sorted(ran) == sorted([*ids, more])

    under(loop, body)


@both_loops
def test_a_connection_cut_under_the_last_word_says_it_again(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)

    @worker.task("quick")
    async def quick(_: Running) -> str:
        return "said"

    def cut_once(line: Line, _: list[bytes]) -> bytes:
        del yard.scripts["DONE"]
        line.plain.shutdown(2)
        return b""

    async def body() -> None:
        yard.scripts["DONE"] = cut_once
        job = yard.publish("mail", "quick")
        async with at_work(worker):
            [ended] = await over(yard, job)
        assert (ended["result"], yard.heard["DONE"]) == (b"said", 2)

    under(loop, body)


@both_loops
def test_no_more_functions_run_at_once_than_allowed(yard: Yard, loop: str) -> None:
    worker = worker_of(yard, concurrency=2, credit=5)
    running: list[int] = [0, 0]

    @worker.task("count")
    async def count(_: Running) -> None:
        running[0] += 1
        running[1] = max(running)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        running[0] -= 1

    async def body() -> None:
        ids = [yard.publish("mail", "count") for _ in range(20)]
        async with at_work(worker):
            await over(yard, *ids)
        assert running == [0, 2]

    under(loop, body)


@both_loops
def test_a_result_that_is_too_large_ends_the_job(yard: Yard, loop: str) -> None:
    worker = worker_of(yard)
    worker.task("huge")(lambda _: b"x")
    yard.scripts["DONE"] = lambda *_: b"-ERR payload-too-large limits.result is 0\r\n"

    async def body() -> None:
        job = yard.publish("mail", "huge")
        async with at_work(worker):
            [ended] = await over(yard, job)
        assert (ended["state"], ended["said"][b"RETRY"]) == ("failed", b"false")

    under(loop, body)


@both_loops
def test_a_login_refused_ends_the_worker(yard: Yard, loop: str) -> None:
    async def body() -> None:
        with pytest.raises(LoginRefused):
            await Worker(yard.url.replace("secret", "guess")).run()

    under(loop, body)
