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

from jobyard.blocking import BlockingClient
from jobyard.client import Client
from jobyard.dialing import Backoff
from jobyard.hand import Running
from jobyard.options import NewJob
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
