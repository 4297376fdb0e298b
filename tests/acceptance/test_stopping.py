"""A server that is told to stop does so within its grace, whatever its clients do."""

import os
import shutil
import signal
import socket
import time
from typing import Final

import pytest

from tests.acceptance.conftest import Serve
from tests.acceptance.line import Line
from tests.acceptance.served import Server, output, settings

GRACE: Final = 2.0
EXITING: Final = 1.5
"""Seconds that the process itself may take to end, on a busy machine."""
FILLER: Final = "x" * 500_000


def stubborn(server: Server) -> socket.socket:
    """A client that asks for megabytes and reads none of them."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", server.port))
    client = Line(sock).log_in()
    for _ in range(8):
        client.publish("big", FILLER)
    client.send(b"LIST_JOBS big\n" * 20)
    return sock


def children(parent: int) -> list[int]:
    """The processes that a process started, by what the system says of each."""
    if shutil.which("ps") is None:
        pytest.skip("not run: ps is not installed")
    listed = output(["ps", "-A", "-o", "pid=,ppid="]).splitlines()
    pairs = [tuple(map(int, line.split())) for line in listed]
    return [pid for pid, of in pairs if of == parent]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_client_that_does_not_read_holds_nothing_up(serve: Serve, number: signal.Signals) -> None:
    server = serve(settings(stop={"grace": GRACE}))
    with stubborn(server), Line.to(server.port) as other:
        other.log_in()
        assert other.states("big") == ["pending"] * 8
        began = time.monotonic()
        server.signal(number)
        assert server.wait() == 0
        assert time.monotonic() - began < GRACE + EXITING
        assert other.rest() == b""


def test_signals_count_from_the_first_moment_and_more_change_nothing(prepare: Serve) -> None:
    server = prepare()
    server.launch()
    server.log.wait_for(lambda: server.log.event("serving") is not None)
    for _ in range(3):
        server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_an_idle_server_stops_at_once_and_keeps_everything(serve: Serve) -> None:
    server = serve()
    with Line.to(server.port) as worker:
        worker.log_in()
        assert worker.ask("SUBSCRIBE q") == "OK"
        job = worker.publish("q")
        assert worker.pushed()["ID"] == job
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < EXITING
    server.start()
    with Line.to(server.port) as worker:
        worker.log_in()
        assert worker.ask("SUBSCRIBE q") == "OK"
        assert worker.pushed()["ID"] == job


def test_a_dead_writer_stops_the_server_before_it_answers(serve: Serve) -> None:
    server = serve()
    assert server.process is not None
    with Line.to(server.port) as client:
        kept = client.log_in().publish("q")
        (writer,) = children(server.process.pid)
        os.kill(writer, signal.SIGKILL)
        client.say("PUBLISH q t lost")
        assert server.wait() == 1
        assert client.rest() == b""
    assert "jobyard: store-broken: " in server.log.finish()
    server.start()
    with Line.to(server.port) as client:
        assert [job["ID"] for job in client.log_in().jobs("q")] == [kept]


def test_the_signals_of_a_terminal_do_not_reach_the_writer(serve: Serve) -> None:
    server = serve()
    assert server.process is not None
    (writer,) = children(server.process.pid)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(writer, number)
    with Line.to(server.port) as client:
        client.log_in().publish("q")
    assert server.stop() == 0


def test_stop_server_stops_it_in_test_mode(serve: Serve) -> None:
    server = serve(settings(test_mode=True))
    with Line.to(server.port) as client, Line.to(server.port) as other:
        client.say("STOP_SERVER")
        assert server.wait() == 0
        assert client.rest().strip() == b""
        assert other.rest() == b""


def test_stop_server_is_refused_otherwise(shared: Server) -> None:
    with Line.to(shared.port) as client:
        assert client.ask("STOP_SERVER") == "Err: forbidden"
        assert client.log_in().ask("STOP_SERVER") == "Err: forbidden"
        assert client.heard_nothing()
