"""How a worker ends: what runs is finished or released within a grace, nothing is kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from jobyard.dialing import Backoff
from jobyard.errors import BadArgument, LoginRefused
from jobyard.hand import Running, RunningInThread
from jobyard.worker import Worker
from jobyard.working import load, run
from tests.clients.loops import both_loops, under
from tests.clients.yard import Yard

SOON = Backoff(0.001, 0.002)
PROGRAM = """
import sys, time
from jobyard import Worker
worker = Worker(sys.argv[1], "mail", concurrency=2, grace=float(sys.argv[2]))

@worker.task("wait")
async def wait(job):
    import anyio
    await anyio.sleep(0 if job.payload == b"short" else 60)
    return "waited"

@worker.task("stuck")
def stuck(job):
    time.sleep(60)

@worker.task("pid")
def pid(job):
    import os
    return str(os.getpid())

if __name__ == "__main__":
    from jobyard import working
    if sys.argv[4:]:
        sys.exit(working.supervise([sys.executable, *sys.argv[:4]], int(sys.argv[4])))
    sys.exit(working.run(working.load("__main__:worker"), backend=sys.argv[3]))
"""


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


@both_loops
def test_what_runs_is_finished_and_what_waits_is_released(yard: Yard, loop: str) -> None:
    worker = Worker(yard.url, "mail", concurrency=1, credit=3, backoff=SOON)

    async def body() -> None:
        begun, go, stop = anyio.Event(), anyio.Event(), anyio.Event()

        @worker.task("slow")
        async def slow(_: Running) -> str:
            begun.set()
            await go.wait()
            return "finished"

        first, second = (yard.publish("mail", "slow") for _ in range(2))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, stop)
            await begun.wait()
            stop.set()
            released = (second, "RELEASE", b"RESERVATION")
            await to_thread.run_sync(yard.wait_for, lambda: released in yard.notes)
            late = yard.publish("mail", "slow")
            go.set()
        assert (yard.jobs[first]["state"], yard.jobs[first]["result"]) == ("done", b"finished")
        assert [yard.jobs[job]["state"] for job in (second, late)] == ["ready", "ready"]

    under(loop, body)


@both_loops
def test_after_the_grace_what_runs_is_released(yard: Yard, loop: str) -> None:
    worker = Worker(yard.url, "mail", grace=0, backoff=SOON)

    async def body() -> None:
        begun, stop = [anyio.Event(), anyio.Event()], anyio.Event()

        @worker.task("slow")
        async def slow(_: Running) -> None:
            begun[0].set()
            await anyio.sleep_forever()

        @worker.task("thread")
        def thread(job: RunningInThread) -> None:
            anyio.from_thread.run_sync(begun[1].set)
            while True:
                job.check()

        ids = [yard.publish("mail", "slow"), yard.publish("mail", "thread")]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, stop)
            for event in begun:
                await event.wait()
            await to_thread.run_sync(yard.wait_for, lambda: yard.heard["STARTED"] == 2)
            stop.set()
        assert [yard.jobs[job]["state"] for job in ids] == ["ready", "ready"]
        assert {word for _, word, _ in yard.notes} == {"STARTED", "RELEASE"}

    under(loop, body)


@both_loops
def test_a_worker_that_never_got_through_stops_too(yard: Yard, loop: str) -> None:
    yard.__exit__()
    worker = Worker(yard.url, backoff=SOON)

    async def body() -> None:
        stop = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run, stop)
            await anyio.sleep(0.01)
            stop.set()

    under(loop, body)


def start(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    program = folder / "program.py"
    program.write_text(PROGRAM)
    return subprocess.Popen(
        [sys.executable, str(program), *words], env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
    )


@pytest.mark.parametrize("loop", ["trio", "asyncio"])
def test_sigterm_ends_a_worker_program_within_its_grace(
    yard: Yard, tmp_path: Path, loop: str
) -> None:
    ids = [yard.publish("mail", "wait", b"short"), yard.publish("mail", "wait")]
    with start(tmp_path, yard.url, "0", loop) as process:
        yard.wait_for(lambda: yard.heard["STARTED"] == 1 and yard.jobs[ids[0]]["state"] == "done")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [yard.jobs[job]["state"] for job in ids] == ["done", "ready"]


def test_a_second_signal_ends_the_grace(yard: Yard, tmp_path: Path) -> None:
    job = yard.publish("mail", "wait")
    with start(tmp_path, yard.url, "60", "asyncio") as process:
        yard.wait_for(lambda: yard.heard["STARTED"] == 1)
        process.send_signal(signal.SIGTERM)
        yard.wait_for(lambda: yard.heard["UNSUBSCRIBE_PUSH"] == 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert yard.jobs[job]["state"] == "ready"


def test_a_process_that_dies_is_replaced(yard: Yard, tmp_path: Path) -> None:
    with start(tmp_path, yard.url, "0", "asyncio", "2") as process:
        yard.wait_for(lambda: len(yard.lines) == 2)
        job = yard.publish("mail", "pid")
        yard.wait_for(lambda: yard.jobs[job]["state"] == "done")
        os.kill(int(yard.jobs[job]["result"]), signal.SIGKILL)
        yard.wait_for(lambda: yard.heard["SUBSCRIBE_PUSH"] == 3 and len(yard.lines) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not yard.lines


def test_a_process_told_while_it_starts_has_not_ended_badly(tmp_path: Path) -> None:
    starting = "import pathlib, signal; pathlib.Path('up').touch(); signal.pause()"
    program = (
        "import sys; from jobyard import working; "
        f"sys.exit(working.supervise([sys.executable, '-c', {starting!r}], 1))"
    )
    env = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], env=env, cwd=tmp_path) as process:
        while not (tmp_path / "up").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "target",
    [
        "", "tasks", ":worker", "tasks:", "no_such_module:worker", "os:path", "os:none",
        "os.nothing:worker", "a b:worker", "os:path\n", ".os:path", "os:path.join",
    ],
)  # fmt: skip
def test_what_is_no_worker_is_said(target: str) -> None:
    with pytest.raises(BadArgument):
        load(target)


def test_a_worker_is_described_well_or_not_at_all() -> None:
    for wrong in ({"concurrency": 0}, {"credit": 1_001}, {"grace": -1}):
        with pytest.raises(BadArgument):
            Worker("jobyard://h", **wrong)  # type: ignore[arg-type] # ints of one dict
    worker = Worker("jobyard://h")
    worker.task("a")(print)
    worker.task("a", queue="other")(print)
    with pytest.raises(BadArgument, match="two functions"):
        worker.task("a")(print)


def test_what_a_module_raises_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raising_module_of_mine.py").write_text("raise AttributeError('my own bug')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(AttributeError, match="my own bug"):
        load("raising_module_of_mine:worker")


@both_loops
def test_a_refused_login_leaves_the_program_as_what_it_is(yard: Yard, loop: str) -> None:
    with pytest.raises(LoginRefused):
        run(Worker(yard.url.replace("secret", "guess")), backend=loop)
