"""What a client is, told by its first bytes however few come at once."""

import pytest

from frontends.dialects.rpc_opening import HEAD_MAX, Head, Json, Opening, Stranger, opening

GO = b"CONNECT /_goRPC_ HTTP/1.0\n\n"


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (b"", None),
        (b"{", Json()),
        (b"[1", Json()),
        (b"\r\n {", Json()),
        (b"\x16\x03\x01", Stranger()),
        (b"*1\r\n", Stranger()),
        (b"ping\n\n", Stranger()),
        (b"PING\n\n", Stranger()),
        (b"GET / HTTP/2.0\n\n", Stranger()),
        (b"GET  / HTTP/1.1\r\n\r\n", Stranger()),
        (b"GET /\xff HTTP/1.1\r\n\r\n", Stranger()),
        (GO, Head("CONNECT", "/_goRPC_", len(GO))),
        (GO + b"\n\nmore", Head("CONNECT", "/_goRPC_", len(GO))),
        (GO[:-1], None),
        (b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\nrest", Head("GET", "/a", 30)),
        (b"A" * (HEAD_MAX + 1), Stranger()),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * HEAD_MAX + b"\r\n\r\n", Stranger()),
    ],
)
def test_what_is_spoken(received: bytes, found: Opening | None) -> None:
    assert opening(received) == found


@pytest.mark.parametrize(
    ("value", "login"),
    [
        (b"Basic YWRhOnNlY3I6ZXQ=", ("ada", "secr:et")),
        (b"basic  YWRhOng=", ("ada", "x")),
        (b"Basic YWRh", None),
        (b"Basic !!!!", None),
        (b"Basic /w==", None),
        (b"Bearer YWRhOng=", None),
        (b"", None),
    ],
)
def test_a_password_in_the_head(value: bytes, login: tuple[str, str] | None) -> None:
    found = opening(b"GET / HTTP/1.1\r\nAUTHORIZATION: " + value + b"\r\n\r\n")
    assert isinstance(found, Head)
    assert found.login == login
    assert "secr" not in repr(found)
