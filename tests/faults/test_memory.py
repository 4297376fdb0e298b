"""The real server without the memory that it would take: what does not fit is refused or waits."""

import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import pytest

from tests.acceptance.line import Line, array
from tests.acceptance.served import Server, settings
from tests.faults.remains import MEBIBYTE, mapped

PAYLOAD: Final = 256 * MEBIBYTE
ROOM: Final = 40 * MEBIBYTE
"""Bytes left to the server, beside what it has when it is idle."""
CROWD: Final = 8
ACCEPTED: Final = b"*4"
STORAGE_FULL: Final = b"-ERR storage-full "
LIMITS: Final = {
    "payload": PAYLOAD,
    "in_flight": 4 * PAYLOAD,
    "output": 4 * PAYLOAD,
    "resident": MEBIBYTE,
}
"""Settings that allow more than there is."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("memory"), settings(limits=LIMITS)).start()
    with Line.to(served.port) as client:
        client.log_in().publish("q")
    yield served
    assert served.stop() == 0
    assert "Traceback" not in served.log.finish()


@contextmanager
def short_of_memory(server: Server) -> Iterator[None]:
    """Give it no more than `ROOM` in the block."""
    assert server.process is not None
    pid, unbounded = server.process.pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_AS, (mapped(pid) + ROOM, unbounded))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, (unbounded, unbounded))


def heard(client: Line) -> bytes:
    """How an answer begins; empty: the connection was closed instead."""
    try:
        return client.take(b"\r\n")
    except (AssertionError, ConnectionError):
        return b""


def test_a_request_that_does_not_fit_ends_its_connection_only(server: Server) -> None:
    request = array("ENQUEUE", "q", "t", bytes(100 * MEBIBYTE))
    with short_of_memory(server), Line.to(server.port) as other:
        other.log_in()
        for _ in range(3):
            with Line.to(server.port) as client:
                client.log_in()
                with suppress(ConnectionError):
                    client.send(request)
                assert heard(client) == b""
            assert other.heard_nothing()
        assert other.states("q") == ["pending"]
    assert "MemoryError" in server.log.text


def test_what_is_too_much_for_one_commit_is_committed_in_parts(server: Server) -> None:
    request = array("ENQUEUE", "many", "t", b"x" * (3 * MEBIBYTE))
    with ExitStack() as closing:
        clients = [closing.enter_context(Line.to(server.port)).log_in() for _ in range(CROWD)]
        with short_of_memory(server):
            for client in clients:
                client.send(request[:-1])
            for client in clients:
                client.send(request[-1:])
            answers = [heard(client) for client in clients]
        assert answers.count(ACCEPTED) > 0
        assert set(answers) <= {ACCEPTED, b""} | {one for one in answers if STORAGE_FULL in one}
    with Line.to(server.port) as other:
        assert other.log_in().states("many") == ["pending"] * answers.count(ACCEPTED)
        assert other.publish("many")
