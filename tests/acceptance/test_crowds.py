"""Many connections at once: those in bounds are served, those past them are told."""

import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.acceptance.conftest import Connect, Serve
from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings

FEW: Final = 5
FILES: Final = 64
LIMITED: Final = ["/bin/sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh"]
"""Runs what follows with few files, soft and hard."""
QUICK: Final = 2_000
ALL: Final = 10_000
PROMPT: Final = 2.0
"""Seconds within which anybody is answered, on a busy machine."""


@pytest.fixture
def descriptors() -> Iterator[int]:
    """As many open files as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def crowd(server: Server, size: int) -> None:
    """All of them come, all are answered, one by one and together, and all go."""
    with ExitStack() as closing:
        clients = [closing.enter_context(Line.to(server.port)) for _ in range(size)]
        for client in clients:
            client.say("PING")
        for client in clients:
            assert client.hears() == "PONG"
        began = time.monotonic()
        clients[-1].log_in().publish("crowd")
        assert time.monotonic() - began < PROMPT
        for client in clients:
            client.say("AUTH ada enchantress")
            client.say("USE_GROUP yard")
            client.say("LIST_JOBS crowd")
        for client in clients:
            heard = [client.hears() for _ in range(3)]
            assert heard[:2] == ["Welcome!", "OK"]
            assert heard[2].startswith('[{"ID"')
    with Line.to(server.port) as after:
        assert after.log_in().heard_nothing()


def test_two_thousand_connections(shared: Server, descriptors: int) -> None:
    if descriptors < QUICK + 100:
        pytest.skip(f"not run: {descriptors} open files are too few")
    crowd(shared, QUICK)


@pytest.mark.nightly
def test_ten_thousand_connections(serve: Serve, descriptors: int) -> None:
    if descriptors < ALL + 1000:
        pytest.skip(f"not run: {descriptors} open files are too few")
    crowd(serve(), ALL)


def test_one_connection_too_many_is_told_so(serve: Serve) -> None:
    server = serve(settings(limits={"connections": FEW}))
    with ExitStack() as closing:
        inside = [closing.enter_context(Line.to(server.port)).log_in() for _ in range(FEW)]
        for _ in range(3):
            with Line.to(server.port) as late:
                assert late.rest() == b"Err: too-many-connections\n"
        assert all(client.heard_nothing() for client in inside)
        inside[0].say("QUIT")
        assert inside[0].rest() == b"\n"
        with Line.to(server.port) as next_one:
            next_one.log_in()


def test_half_a_line_keeps_nobody_waiting(shared: Server, connect: Connect) -> None:
    halves = [Line.to(shared.port) for _ in range(200)]
    for number, client in enumerate(halves):
        client.send(b"PUBLISH q t 'half a line"[: number % 24])
    other = connect()
    for _ in range(20):
        assert other.heard_nothing()
    for client in halves:
        client.close()


def test_clients_that_reset_harm_nobody(shared: Server, connect: Connect, queue: str) -> None:
    other = connect()
    for _ in range(100):
        client = Line.to(shared.port)
        client.send(b"AUTH ada enchantress\nUSE_GROUP yard\nLIST_QUEUES\n" * 20)
        client.reset()
    job = other.publish(queue)
    assert [each["ID"] for each in other.jobs(queue)] == [job]


def test_few_descriptors_are_said_and_survived(prepare: Serve) -> None:
    server = prepare()
    server.before = LIMITED
    server.start()
    said = server.log.event("few-descriptors")
    assert said is not None
    assert str(FILES) in said["sentence"]
    assert "limits.connections" in said["sentence"]
    with Line.to(server.port) as inside, ExitStack() as closing:
        inside.log_in()
        crowded = [closing.enter_context(Line.to(server.port)) for _ in range(2 * FILES)]
        for client in crowded:
            client.say("PING")
        assert crowded[0].hears() == "PONG"
        for number in range(20):
            inside.publish("q", f"{number}")
        closing.close()
        with Line.to(server.port) as after:
            assert len(after.log_in().jobs("q")) == 20
