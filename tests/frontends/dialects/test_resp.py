"""RESP as Redis clients read it."""

import pytest

from frontends.dialects import resp
from frontends.dialects.answers import UNKNOWN_COMMAND, WRONG_NUMBER, Denied, Framed


def test_values_have_their_lengths() -> None:
    assert resp.bulk(b"") == b"$0\r\n\r\n"
    assert resp.bulk("é\r\n".encode()) == b"$4\r\n\xc3\xa9\r\n\r\n"
    assert resp.array([resp.number(-1), resp.bulk(b"a")]) == b"*2\r\n:-1\r\n$1\r\na\r\n"
    assert resp.mapping({b"+a\r\n": b":1\r\n"}, 2) == b"*2\r\n+a\r\n:1\r\n"
    assert resp.mapping({b"+a\r\n": b":1\r\n"}, 3) == b"%1\r\n+a\r\n:1\r\n"


def test_nothing_breaks_out_of_its_line() -> None:
    assert resp.simple(b"OK\r\n-ERR x") == b"+OK  -ERR x\r\n"
    assert (
        resp.error("invalid-cron", "found: [a\r\n+OK]") == b"-ERR invalid-cron found: [a  +OK]\r\n"
    )
    assert resp.error("c", "\ud800") == b"-ERR c ?\r\n"
    assert resp.error("c", "") == b"-ERR c\r\n"


def test_a_pushed_job_is_an_array_or_a_push_value() -> None:
    assert resp.pushed(b"{}", 2) == b"*2\r\n$3\r\njob\r\n$2\r\n{}\r\n"
    assert resp.pushed(b"{}", 3) == b">2\r\n$3\r\njob\r\n$2\r\n{}\r\n"


SYNTAX = "syntax-error"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"HELLO", resp.Hello()),
        (b"HELLO 2", resp.Hello(2)),
        (b"HELLO 3", resp.Hello(3)),
        (b"HELLO 3 AUTH u p", resp.Hello(3, (b"u", b"p"))),
        (b"HELLO 3 auth u p SetName n", resp.Hello(3, (b"u", b"p"), b"n")),
        (b"HELLO 2 SETNAME n", resp.Hello(2, None, b"n")),
        (b"HELLO 4", resp.NO_PROTOCOL),
        (b"HELLO 03", resp.NO_PROTOCOL),
        ("HELLO ٣".encode(), resp.NO_PROTOCOL),
        (b"HELLO AUTH u p", resp.NO_PROTOCOL),
        (b"HELLO 3 AUTH u", SYNTAX),
        (b"HELLO 3 SETNAME", SYNTAX),
        (b"HELLO 3 x", SYNTAX),
    ],
)
def test_hello_is_read(line: bytes, found: resp.Hello | Framed | str) -> None:
    read = resp.hello(line.split(b" "))
    assert (read.code if isinstance(read, Denied) else read) == found


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(resp.hello([b"HELLO", b"3", b"AUTH", b"u", b"secret"]))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"CLIENT", WRONG_NUMBER),
        (b"CLIENT SETINFO LIB-NAME x", resp.OK),
        (b"CLIENT setname x", resp.OK),
        (b"CLIENT GETNAME", resp.NIL),
        (b"CLIENT ID", Framed(b":7\r\n")),
        (b"CLIENT KILL", UNKNOWN_COMMAND),
    ],
)
def test_client_is_answered(line: bytes, answer: Framed | Denied) -> None:
    assert resp.client(line.split(b" "), 7) == answer


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"COMMAND", Framed(b"*0\r\n")),
        (b"COMMAND COUNT", Framed(b":1\r\n")),
        (b"COMMAND LIST", Framed(b"*1\r\n$4\r\nPING\r\n")),
        (b"COMMAND DOCS", Framed(b"%0\r\n")),
        (b"COMMAND x", UNKNOWN_COMMAND),
    ],
)
def test_command_is_answered(line: bytes, answer: Framed | Denied) -> None:
    assert resp.command(line.split(b" "), [b"PING"], 3) == answer
