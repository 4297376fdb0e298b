"""The gateway's bodies: what Go would have read, and what must not trip us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.replies import Code, Refused
from frontends.dialects import gateway
from frontends.dialects.answers import Denied, Said, Unframed


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"{}", b"[]", b"null", b'"PING"', b"7",
        b'{"commands":[]}', b'{"commands":null}', b'{"commands":"PING"}', b'{"commands":{}}',
        b'{"commands":[1]}', b'{"commands":[true]}', b'{"commands":[["PING"]]}',
        b'{"commands":["PING",{}]}', b'{"commands":["PING"]} x', b"\xff",
        b'{"commands":["PING"],"x":NaN}', b'{"commands":["PING"],"x":Infinity}',
        b'{"commands":["a\nb"]}', b"\xef\xbb\xbf{}", b'{"commands":["PING"],}',
        b'{"commands":["PING"],"commands":7}', b'{"commands":["PING"],"x":' + b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_list_of_commands(body: bytes) -> None:
    assert gateway.commands(body) is None


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b'{"commands":["PING"]}', ["PING"]),
        (b' {"COMMANDS" : [ "PING" , "a b" ] } \r\n', ["PING", "a b"]),
        ('{"command\u017f":["PING"]}'.encode(), ["PING"]),
        (b'{"x":[{"commands":7}],"commands":["PING"]}', ["PING"]),
        (b'{"commands":["a"],"Commands":["b"]}', ["b"]),
        (b'{"commands":["a"],"commands":null}', ["a"]),
        (b'{"commands":[null,"a"]}', ["", "a"]),
        (b'{"commands":["PING"],"x":%b}' % (b"9" * 5000), ["PING"]),
        (b'{"commands":["PING"],"x":1e999}', ["PING"]),
        (rb'{"commands":["\ud800x\ud83d\ude00"]}', ["\ufffdx\U0001f600"]),
        (b'{"commands":["\xffx"]}', ["\ufffdx"]),
        (rb'{"commands":["a\u0000\nb"]}', ["a\0\nb"]),
    ],
)
def test_what_is_one(body: bytes, lines: list[str]) -> None:
    assert gateway.commands(body) == lines


@given(st.binary())
def test_no_body_trips_it(body: bytes) -> None:
    found = gateway.commands(body)
    assert found is None or [line.encode() for line in found]


def test_answers_are_told_apart() -> None:
    words = [[b"PING"], [b"LIST_JOBS"], [b"debug"], [b"X"], [b"Y"], [b"Z"]]
    answers: list[Unframed] = [
        Said(b"PONG"),
        Said(b"[]", bulk=True),
        Said(b"a\n<b>", bulk=True),
        Denied("no-such", "told to nobody"),
        Refused(Code.INVALID_CRON, 'bad "text"\n'),
        Refused(Code.UNKNOWN_JOB, "told to nobody"),
    ]
    told = (
        b'{"success":false,"data":["PONG",[],"a\\n\\u003cb\\u003e"],"errors":['
        b'{"message":"","code":"no-such"},'
        b'{"message":"","code":"invalid-cron;bad \\"text\\"\\n"},'
        b'{"message":"","code":"unknown-job"}]}'
    )
    assert gateway.outcome(words, answers) == (False, told)


@pytest.mark.parametrize(
    ("referer", "origin"),
    [
        (b"http://localhost:8080/app", b"http://localhost:8080"),
        (b"https://a.b", b"https://a.b"),
        (b"http://my-host/", b"http://my"),
        (b"ftp://x/", None),
        (b"", None),
        (b"http://", None),
        (b"x http://a/", None),
        (b"http://a\r\nx: y", b"http://a"),
    ],
)
def test_the_reflected_origin(referer: bytes, origin: bytes | None) -> None:
    headers = dict(gateway.reflected(referer))
    assert headers.get(b"access-control-allow-origin") == origin


def test_only_a_configured_origin_may_read() -> None:
    known = ("https://app.example", "http://localhost:3000")
    headers = dict(gateway.allowed(b"https://app.example", known))
    assert headers[b"access-control-allow-origin"] == b"https://app.example"
    assert headers[b"vary"] == b"Origin"
    for origin in (b"", b"https://app.example.evil", b"HTTPS://app.example", b"null"):
        assert dict(gateway.allowed(origin, known)) == {b"vary": b"Origin"}
    assert gateway.allowed(b"https://app.example", ()) == ()
