"""Clients and workers against the real server, as processes where they are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from jobyard import calls
from jobyard.blocking import BlockingClient
from jobyard.client import Client
from jobyard.dialing import Backoff
from jobyard.errors import NotFound, ReservationLost, Unavailable, WrongState
from jobyard.hand import Running
from jobyard.options import NewJob
from jobyard.words import Call
from jobyard.worker import Worker
from tests.acceptance.served import GROUP, PASSWORD, USER, Server, settings
from tests.clients.loops import both_loops, under

SOON = Backoff(0.01, 0.1)
AT_ONCE = 0.1
"""Seconds in which a cancellation reaches a function."""


def url_of(server: Server) -> str:
    return f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("shared")).start()
    yield server
    server.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed: the next one listens on the same port."""
    server = Server(tmp_path).start()
    server.write(settings(port=server.port))
    yield server
    server.close()


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def test_the_blocking_client_says_everything_to_the_real_server(shared: Server, queue: str) -> None:
    with BlockingClient(url_of(shared)) as client:
        made = client.publish(
            queue, "hi", {"n": 1}, priority=-2, delay=0, max_attempts=None,
            backoff={"min": 1, "max": 9, "factor": 2, "jitter": 0}, unique_key="k", lease=30,
            unique_scope="unfinished", time_to_live=60.5, run_limit=9, on_lapse="fail",
            keep_done=60, keep_failed=70,
        )  # fmt: skip
        assert client.publish(queue, "hi", unique_key="k") == type(made)(made.job, existing=True)
        [job] = client.reserve(queue, ["hi", "ho"], limit=5, wait=1, lease=20)
        assert job.json() == {"n": 1}
        assert (job.content_type, job.priority, job.max_attempts) == ("application/json", -2, None)
        client.started(job)
        client.touch(job, lease=40)
        client.progress(job, 0.25, "quarter")
        client.log(job, "line")
        client.checkpoint(job, b"\x00\xff")
        client.fail(job, "no", error_type="E", trace="T", delay=0)
        [again] = client.reserve(queue)
        assert (again.checkpoint, again.attempts) == (b"\x00\xff", 2)
        with pytest.raises(ReservationLost):
            client.done(job)
        client.release(again)
        [last] = client.reserve_any(["none-such", queue])
        client.done(last, b"\xfe")
        seen = client.wait(last, 5)
        assert (seen.state, seen.result, seen.note) == ("done", b"\xfe", "quarter")
        assert seen.log is not None
        assert [line for _, line in seen.log] == ["line"]
        with pytest.raises(WrongState):
            client.edit(job, priority=1)
        client.reset(job)
        client.edit(job, priority=7, payload="new")
        client.pause(queue)
        assert client.counts(queue).paused
        assert client.reserve(queue) == ()
        assert client.explain(job)["reason"] == "paused"
        client.resume(queue)
        [seen] = client.list(queue, ["ready"], type="hi", limit=1).jobs
        assert (seen.priority, seen.payload) == (7, b"new")
        client.cancel(job)
        client.delete(job)


def test_the_blocking_client_looks_after_a_queue(shared: Server, queue: str) -> None:
    with BlockingClient(url_of(shared)) as client:
        client.set_recurrence(queue, "tick", "@daily", b"x", zone="Europe/Berlin")
        assert client.recurrences(queue)["recurrences"][0]["zone"] == "Europe/Berlin"
        assert client.workers(queue) == {"workers": []}
        number = client.recurrences(queue)["recurrences"][0]["number"]
        client.pause_recurrence(queue, number)
        client.run_recurrence(queue, number)
        assert client.counts(queue).types["tick"]["ready"] == 1
        client.drop_recurrence(queue, number)
        assert len(client.preview_cron("@hourly", 3, "UTC")["ticks"]) == 3
        assert client.describe(queue, 10)["name"] == queue
        client.retry_failed_now(queue)
        client.kick_all(queue)
        with pytest.raises(NotFound):
            client.kick(queue, "127.0.0.1:1")
        client.drain(queue)
        with pytest.raises(Unavailable):
            client.publish(queue, "hi")
        client.purge(queue)
        client.delete_queue(queue)
        assert client.execute("PING") is not None


def test_a_request_said_twice_has_one_effect(shared: Server, queue: str) -> None:
    with BlockingClient(url_of(shared)) as client:
        once: Call[object] = calls.publish(queue, "hi", b"x")
        assert client.call(once) == client.call(once)
        bulk = calls.publish_many(queue, [NewJob("hi", "a"), NewJob("hi", b"\xff")])
        assert client.call(bulk) == client.call(bulk)
        assert client.counts(queue).states["ready"] == 3


@both_loops
def test_a_cancellation_reaches_a_running_function_at_once(
    shared: Server, queue: str, loop: str
) -> None:
    worker = Worker(url_of(shared), queue)

    async def body() -> None:
        begun, stopped, stop = anyio.Event(), anyio.Event(), anyio.Event()
        at = 0.0

        @worker.task("long")
        async def long(_: Running) -> None:
            nonlocal at
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                at = anyio.current_time()
                stopped.set()

        async with Client(url_of(shared)) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, stop)
            took = []
            for _ in range(3):
                job = await client.publish(queue, "long")
                await begun.wait()
                before = anyio.current_time()
                await client.cancel(job.job)
                await stopped.wait()
                took.append(at - before)
                assert (await client.wait(job.job, 5)).state == "canceled"
                begun, stopped = anyio.Event(), anyio.Event()
            stop.set()
        assert min(took) < AT_ONCE

    under(loop, body)


@both_loops
def test_a_server_killed_under_a_worker_loses_nothing_and_repeats_nothing(
    own: Server, loop: str
) -> None:
    worker = Worker(url_of(own), "mail", concurrency=4, backoff=SOON)
    ran: list[str] = []

    async def body() -> None:
        four, go, stop = anyio.Event(), anyio.Event(), anyio.Event()

        @worker.task("quick")
        async def quick(job: Running) -> str:
            ran.append(job.id)
            return "quick"

        @worker.task("held")
        async def held(job: Running) -> str:
            ran.append(job.id)
            if len(ran) == 6:
                four.set()
            await go.wait()
            return "kept"

        async with Client(url_of(own), backoff=SOON) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, stop)
            before = await client.publish_many("mail", [NewJob("quick")] * 2)
            for each in before:
                assert (await client.wait(each.job, 9)).state == "done"
            made = await client.publish_many("mail", [NewJob("held")] * 8)
            await four.wait()
            await to_thread.run_sync(own.kill)
            again = ("--config", str(own.config), "--store", str(own.store))
            await to_thread.run_sync(own.start, *again)
            go.set()
            ended = [await client.wait(each.job, 9) for each in made]
            assert [job.result for job in ended] == [b"kept"] * 8
            assert [job.attempts for job in ended] == [1] * 8
            stop.set()
        assert sorted(ran) == sorted(each.job for each in (*before, *made))

    under(loop, body)


PROGRAM = """
import os, sys
from jobyard import Worker
from jobyard.working import run
worker = Worker(sys.argv[1], "mail", concurrency=1)

@worker.task("steps")
async def steps(job):
    import anyio
    if job.kept is None:
        await job.checkpoint(b"half")
        await anyio.sleep(60)
    return b"went on from " + job.kept

run(worker)
"""


def test_a_worker_killed_in_a_job_is_followed_from_its_checkpoint(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    server = Server(tmp_path, settings(reconnect={"grace": 0.05})).start()
    words = [sys.executable, str(program), url_of(server)]
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    try:
        with BlockingClient(url_of(server)) as client:
            job = client.publish("mail", "steps").job
            with subprocess.Popen(words, env=environment) as first:
                while client.get(job).checkpoint is None:
                    pass
                first.kill()
            with subprocess.Popen(words, env=environment) as second:
                over = client.wait(job, 20)
                second.send_signal(signal.SIGTERM)
            assert (over.state, over.result) == ("done", b"went on from half")
            assert (over.attempts, over.disconnects) == (1, 1)
    finally:
        server.close()
