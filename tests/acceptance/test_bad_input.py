"""What no client should send: a named error, nothing changed, everybody else served."""

import json
from contextlib import suppress
from typing import Final

import pytest

from tests.acceptance.conftest import Connect, Serve
from tests.acceptance.line import Line, array
from tests.acceptance.served import Server, settings

UNKNOWN: Final = "Err: unknown-command"
INVALID_NAME: Final = "Err: invalid-name"
MIB: Final = 1 << 20
ENDLESS: Final = 64 * MIB
NOT_UTF_8: Final = b"\xff\xfe"
ANY_BUT_NEWLINE: Final = bytes(byte for byte in range(256) if byte not in b"\n\r '")


@pytest.mark.parametrize(
    "said",
    [
        b"NONSENSE",
        b"",
        b" ",
        b"'",
        b"' '",
        b"\x00",
        b"\x00PING",
        b"PI\x00NG",
        NOT_UTF_8,
        b"PING" + NOT_UTF_8,
        "PÏNG".encode(),
        b"HELLO 3",
        b"CLIENT ID",
        b"ENQUEUE q",
        b'{"command":"PING"}',
        b"*-5",
        "*\u0661".encode(),
        b"$4",
    ],
)
def test_what_is_no_command_is_unknown_before_and_after_login(shared: Server, said: bytes) -> None:
    with Line.to(shared.port) as client:
        for _ in range(2):
            client.send(said + b"\n")
            assert client.hears() == UNKNOWN
            assert client.heard_nothing()
            client.log_in()


@pytest.mark.parametrize(
    "said",
    [
        "PUBLISH q t",
        "PUBLISH q t p more",
        "PUBLISH q  t p",
        "SUBSCRIBE",
        "LIST_JOBS q q",
        "UPDATE_JOB x",
        "UPDATE_JOB x done ",
        "DELETE_JOB",
        "RECURRENT_JOB q t",
        "LIST_QUEUES x",
        "PUBLISH q t 'never closed",
    ],
)
def test_wrong_numbers_of_arguments(connect: Connect, said: str) -> None:
    client = connect()
    assert client.ask(said) == "Err: wrong-numbers-arguments"
    assert client.heard_nothing()


@pytest.mark.parametrize("name", [b"", NOT_UTF_8, b"a\x00b", b"a\tb", b"\x1b[31m", b"x" * 201])
def test_names_that_are_none(connect: Connect, name: bytes) -> None:
    client = connect()
    before = client.read("HEALTH")["NumQueues"]
    for words in (
        [b"PUBLISH", name, b"t", b"p"],
        [b"SUBSCRIBE", name],
        [b"LIST_JOBS", name],
        [b"RECURRENT_JOB", name, b"t", b"@hourly"],
        [b"DELETE_QUEUE", name],
    ):
        client.send(b" ".join(b"'%b'" % word for word in words) + b"\n")
        assert client.hears() == INVALID_NAME, words
        client.send(array(*words))
        assert client.take(b"\r\n").startswith(b"-ERR invalid-name"), words
    assert client.read("HEALTH")["NumQueues"] == before


@pytest.mark.parametrize(
    "said",
    ["UPDATE_JOB nothing done", "DELETE_JOB nothing", f"DELETE_JOB {'9' * 5000}"],
)
def test_jobs_that_are_none(connect: Connect, said: str) -> None:
    assert connect().ask(said) == "Err: unknown-job"


@pytest.mark.parametrize(
    "number", ["0", "-1", "1_0", "\u0663", "\u00b2", "9" * 5000, str(2**63), "1e9", "x"]
)
def test_numbers_that_are_none(connect: Connect, number: str) -> None:
    assert connect().ask(f"DELETE_RECURRENT_JOB {number}").startswith("Err: ")


@pytest.mark.parametrize("cron", ["", "* * * *", "* * * * * *", "@never", "61 * * * *", "x" * 5000])
def test_schedules_that_are_none_make_no_queue(connect: Connect, queue: str, cron: str) -> None:
    client = connect()
    assert client.ask(f"RECURRENT_JOB {queue} t '{cron}'").startswith("Err: invalid-cron;")
    assert client.ask(f"LIST_JOBS {queue}") == "Err: unknown-queue"


def test_an_endless_line_before_login(shared: Server, connect: Connect) -> None:
    other = connect()
    with Line.to(shared.port) as client:
        client.send(b"A" * 2000)
        assert client.rest() == b"Err: line-too-long\n"
    assert other.heard_nothing()


def test_an_endless_line_after_login(connect: Connect) -> None:
    client, other = connect(), connect()
    for _ in range(40):
        try:
            client.send(b"PUBLISH q t " + b"A" * (MIB // 16))
        except ConnectionError:
            break
        assert other.heard_nothing()
    assert client.rest() in {b"Err: line-too-long\n", b""}


def test_a_payload_may_fill_its_bound_and_no_more(connect: Connect, queue: str) -> None:
    client = connect()
    client.send(array("PUBLISH", queue, "t", b"x" * MIB))
    assert client.take(b"\r\n").startswith(b"+OK#")
    client.send(array("PUBLISH", queue, "t", b"x" * (MIB + 1)))
    assert client.take(b"\r\n").startswith(b"-ERR payload-too-large")
    client.say(f"PUBLISH {queue} t {'x' * (MIB + 1)}")
    assert client.hears() == "Err: payload-too-large"
    (job,) = client.jobs(queue)
    assert len(job["Payload"]) == MIB


@pytest.mark.parametrize(
    "said",
    [
        b"*2\r\n$4\r\nPING\r\n$99999999999\r\n",
        b"*99999999\r\n",
        b"*1\r\n:4\r\n",
        b"*1\r\n$-4\r\nPING\r\n",
        b"*1\r\n$4\r\nPINGxx",
    ],
)
def test_arrays_that_are_none(shared: Server, connect: Connect, said: bytes) -> None:
    other = connect()
    with Line.to(shared.port) as client:
        client.send(said)
        heard = client.rest()
    assert heard.startswith((b"-ERR", b"-")), heard
    assert heard.count(b"\r\n") == 1
    assert other.heard_nothing()


def test_a_payload_may_be_any_bytes_but_a_newline(connect: Connect, queue: str) -> None:
    client = connect()
    client.send(b"PUBLISH " + queue.encode() + b" t " + ANY_BUT_NEWLINE + b"\n")
    assert client.hears().startswith("OK#")
    every = bytes(range(256))
    client.send(array("PUBLISH", queue, "t", every))
    assert client.take(b"\r\n").startswith(b"+OK#")
    shown = [job["Payload"] for job in client.jobs(queue)]
    assert shown == [raw.decode("utf-8", "replace") for raw in (ANY_BUT_NEWLINE, every)]


def test_hostile_json_is_only_a_payload(connect: Connect, queue: str) -> None:
    client = connect()
    hostile = ["[" * 50_000, "NaN", "1e999", '"\\ud800"', "9" * 5000, "</script>&\u2028", "%s%n"]
    for payload in hostile:
        client.publish(queue, payload)
    assert [job["Payload"] for job in client.jobs(queue)] == hostile


def test_a_client_that_never_reads_is_not_waited_for(connect: Connect, queue: str) -> None:
    deaf, other = connect(), connect()
    other.publish(queue, "x" * 100_000)
    asked = f"LIST_JOBS {queue}\n".encode() * 1000
    deaf.socket.settimeout(0.2)
    sent = 0
    with suppress(TimeoutError):
        while sent < ENDLESS:
            sent += deaf.socket.send(asked)
    assert 10 * len(asked) < sent < ENDLESS, "who reads nothing is not read either"
    for _ in range(20):
        assert other.heard_nothing()
    job = other.publish(queue)
    assert other.jobs(queue)[-1]["ID"] == job


def test_the_slowest_reader_goes_when_too_much_is_unread(serve: Serve) -> None:
    bound = 4 * MIB
    server = serve(settings(limits={"output": bound, "payload": MIB, "line": 65536}))
    deaf = [Line.to(server.port).log_in() for _ in range(6)]
    with Line.to(server.port) as other:
        other.log_in()
        for _ in range(8):
            other.publish("q", "x" * 500_000)
        for client in deaf:
            client.send(b"LIST_JOBS q\n" * 4)
            assert other.heard_nothing()
        server.log.wait_for(
            lambda: (
                server.log.event("closed the slowest reader: limits.output is reached") is not None
            )
        )
        assert len(other.states("q")) == 8
    for client in deaf:
        client.close()


def test_wrong_passwords_pause(serve: Serve) -> None:
    server = serve(settings(login={"failures": 3, "pause": 300, "pause_max": 300}))
    with Line.to(server.port) as client, Line.to(server.port) as other:
        heard = [client.ask(f"AUTH ada wrong-{number}") for number in range(5)]
        assert heard == ["Err: invalid-creds"] * 3 + ["Err: try-later"] * 2
        assert client.ask("AUTH ada enchantress") == "Err: try-later"
        assert other.ask("AUTH nobody wrong") == "Err: invalid-creds"


def test_no_reply_shows_a_password(serve: Serve) -> None:
    server = serve(settings(test_mode=True))
    with Line.to(server.port) as client:
        client.log_in()
        assert client.ask("SUBSCRIBE q") == "OK"
        for said in ("LIST_SESSIONS", "LIST_QUEUES", "DEBUG_JSON", "CURRENT_SESSION"):
            heard = client.ask(said)
            assert "enchantress" not in heard
            assert json.loads(heard)
    assert "enchantress" not in server.log.text
