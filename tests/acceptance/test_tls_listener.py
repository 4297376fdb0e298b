"""The TLS listener speaks the same protocol; the plain one closes on what it cannot read."""

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Final

import pytest
import trustme

from tests.acceptance.line import Line, array
from tests.acceptance.served import Server, settings

CLIENT_HELLO: Final = bytes.fromhex("1603010200010001fc0303") + bytes(500)
REQUEST: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def encrypted(
    tmp_path_factory: pytest.TempPathFactory, certificate: dict[str, str]
) -> Iterator[Server]:
    """A server that listens in both ways."""
    folder = tmp_path_factory.mktemp("encrypted")
    server = Server(folder, settings(tls={**certificate, "port": 0})).start()
    yield server
    server.close()


@pytest.fixture
def shake(encrypted: Server, authority: trustme.CA) -> Callable[[], Line]:
    """Make encrypted connections."""
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def connect() -> Line:
        raw = socket.create_connection(("127.0.0.1", encrypted.port_of(1)), 10)
        return Line(context.wrap_socket(raw, server_hostname="localhost"))

    return connect


def test_a_job_is_published_worked_and_listed(shake: Callable[[], Line]) -> None:
    with shake() as worker, shake() as publisher:
        assert worker.ask("LIST_QUEUES") == "Err: not-logged"
        worker.log_in()
        publisher.log_in()
        assert worker.ask("SUBSCRIBE tls") == "OK"
        job = publisher.publish("tls", "two words")
        assert worker.pushed()["Payload"] == "two words"
        assert worker.update(job, "in-progress") == "OK"
        assert publisher.states("tls") == ["in-progress"]
        assert worker.update(job, "errored") == "OK"
        (listed,) = publisher.jobs("tls")
        assert (listed["State"], listed["Attempts"]) == ("errored", 1)
        assert worker.ask("NONSENSE") == "Err: unknown-command"
        assert worker.heard_nothing()


def test_both_listeners_serve_one_engine(encrypted: Server, shake: Callable[[], Line]) -> None:
    with shake() as worker, Line.to(encrypted.port) as publisher:
        publisher.log_in()
        assert worker.log_in().ask("SUBSCRIBE both") == "OK"
        job = publisher.publish("both")
        assert worker.pushed()["ID"] == job
        worker.close()
        assert publisher.ask("SUBSCRIBE both") == "OK"
        assert publisher.pushed()["ID"] == job


def test_a_megabyte_goes_through_in_both_directions(shake: Callable[[], Line]) -> None:
    payload = "x" * (1 << 20)
    with shake() as client:
        client.log_in().publish("large", payload)
        (job,) = client.jobs("large")
    assert job["Payload"] == payload


def test_array_form_and_a_clean_end(shake: Callable[[], Line]) -> None:
    with shake() as client:
        client.send(array("HELLO", "2") + array("PING") + array("QUIT"))
        assert client.rest().endswith(b"+PONG\r\n+OK\r\n")


def test_a_handshake_that_never_ends_delays_nobody(
    encrypted: Server, shake: Callable[[], Line]
) -> None:
    stuck = [socket.create_connection(("127.0.0.1", encrypted.port_of(1)), 10) for _ in range(50)]
    for number, sock in enumerate(stuck):
        sock.sendall(CLIENT_HELLO[: number * 4])
    with shake() as client, Line.to(encrypted.port) as plain:
        assert client.log_in().heard_nothing()
        assert plain.log_in().heard_nothing()
    for sock in stuck:
        sock.close()


@pytest.mark.parametrize("said", [CLIENT_HELLO, REQUEST, b"POST / HTTP/1.1\r\n\r\n"])
def test_the_plain_port_closes_on_tls_and_http(encrypted: Server, said: bytes) -> None:
    with Line.to(encrypted.port) as client:
        client.send(said)
        assert b"Welcome" not in client.rest()


def test_the_encrypted_port_closes_on_clear_text(encrypted: Server) -> None:
    with Line(socket.create_connection(("127.0.0.1", encrypted.port_of(1)), 10)) as client:
        client.send(b"AUTH ada enchantress\nPING\n")
        assert b"Welcome" not in client.rest()


def test_certificates_of_strangers_are_not_trusted(encrypted: Server) -> None:
    raw = socket.create_connection(("127.0.0.1", encrypted.port_of(1)), 10)
    with raw, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
