"""The load generator against a toy server: it counts what was answered and refuses the rest."""

import json
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest

from tests.benchmarks.load import Load, LoadError, Work, compile_load
from tests.benchmarks.toy import toy_server

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="not run: no C compiler")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_load(tmp_path_factory.mktemp("load"))


@pytest.fixture
def load(program: Path) -> Load:
    return Load(program, seconds=20)


@pytest.mark.parametrize(
    "work",
    [
        Work("publish", connections=3, count=50, warm=0),
        Work("publish", connections=2, depth=5, count=50, warm=0, queues=2),
        Work("ping", connections=1, count=50, warm=0, gap=10),
    ],
)
def test_a_run_ends_after_its_count_and_times_each_request(load: Load, work: Work) -> None:
    with toy_server() as (port, board):
        measured = load.run(work, port)
    assert 50 <= measured.done <= 50 + work.connections * work.depth
    assert measured.rate == pytest.approx(measured.done / measured.seconds, rel=0.01)
    assert measured.p50_ms is not None
    assert measured.p99_ms is not None
    assert measured.max_ms is not None
    assert 0 < measured.p50_ms <= measured.p99_ms <= measured.max_ms
    assert board.published >= measured.done * (work.mode == "publish")


def test_a_cycle_counts_jobs_that_were_finished(load: Load) -> None:
    work = Work("cycle", connections=4, publishers=2, window=3, count=40, warm=0)
    with toy_server() as (port, board):
        measured = load.run(work, port)
    assert 40 <= measured.done <= len(board.done)
    assert board.published <= len(board.done) + work.window


def test_one_worker_and_one_publisher_time_the_push(load: Load) -> None:
    work = Work("cycle", connections=1, publishers=1, window=1, count=20, warm=0)
    with toy_server() as (port, _):
        measured = load.run(work, port)
    assert measured.p50_ms is not None
    assert measured.p50_ms > 0


def test_a_cycle_takes_what_waited_before_and_leaves_as_much(load: Load) -> None:
    cycle = Work("cycle", connections=2, publishers=2, window=2, count=300, warm=0)
    with toy_server() as (port, board):
        load.run(Work("publish", connections=1, count=30, warm=0), port)
        load.run(cycle, port)
    assert len(board.done) >= 300
    still = board.published - len(board.done)
    # What may be under way when the cycle is cut: one request of each connection, and the window.
    assert 30 - 6 <= still <= 31 + 6


def test_a_run_in_the_background_stops_when_asked(load: Load) -> None:
    with toy_server() as (port, _):
        running = load.start(Work("ping", connections=1, warm=0), port)
        load.run(Work("publish", connections=1, count=20, warm=0), port)
        assert running.result(within=20, stop=True).done > 0


def test_a_stop_before_it_began_still_gives_a_figure(load: Load) -> None:
    with toy_server() as (port, _):
        running = load.start(Work("ping", connections=1, warm=0), port)
        assert running.result(within=20, stop=True).done > 0


def test_connections_are_held_until_the_block_ends(load: Load) -> None:
    with toy_server() as (port, _), load.hold(port, 20):
        assert load.run(Work("ping", connections=1, count=5, warm=0), port).done >= 5


def test_a_refusal_fails_the_run(program: Path) -> None:
    with toy_server() as (port, _), pytest.raises(LoadError, match="expected Welcome!, heard Err"):
        Load(program, login="AUTH bench wrong").run(Work("publish"), port)


def test_an_unexpected_answer_fails_the_run(program: Path) -> None:
    with toy_server() as (port, _), pytest.raises(LoadError, match="expected INSERTED"):
        Load(program).run(Work("put", connections=1), port)


def test_nobody_there_fails_the_run(load: Load) -> None:
    with toy_server() as (port, _):
        pass
    with pytest.raises(LoadError, match="Connection refused"):
        load.run(Work("ping", connections=1), port)


@pytest.mark.parametrize(
    "work",
    [
        Work("publish", connections=0),
        Work("publish", depth=0),
        Work("publish", queues=1000),
        Work("publish", connections=100_000),
        Work("ping", gap=1),
        Work("cycle"),
        Work("publish", publishers=1),
    ],
)
def test_what_is_out_of_bounds_is_refused(load: Load, work: Work) -> None:
    with pytest.raises(LoadError, match="out of bounds"):
        load.run(work, 9)


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="not run: no /proc")
def test_a_signal_while_it_waits_for_the_login_does_not_end_it(load: Load) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held = load.start(Work("hold", connections=1), listening.getsockname()[1]).process
        connection, _ = listening.accept()
        with connection:
            heard = b""
            while heard.count(b"\n") < 2:
                heard += connection.recv(1_000)
            for number, state in ((signal.SIGCONT, "S"), (signal.SIGSTOP, "T")) * 3:
                held.send_signal(number)
                while state_of(held.pid) != state:
                    assert held.poll() is None
                    os.sched_yield()
            held.send_signal(signal.SIGCONT)
            connection.sendall(b"Welcome!\nOK\n")
            assert held.stdout is not None
            assert json.loads(held.stdout.readline() or "null") == {"held": 1}
            assert held.communicate(timeout=20)[1] == ""
    assert held.returncode == 0
