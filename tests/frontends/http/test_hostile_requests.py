"""What no dialect may see, and what must not end the process."""

import base64
import struct

import pytest

from frontends.http.exchange import Speaks
from tests.frontends.http.web import HELLO, Toy, asking, rest, served, settled, status, until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LONG = "x" * 20_000
GET = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /size HTTP/1.1\r\nHost: localhost\r\n"


def frame(kind: int, stream: int, payload: bytes) -> bytes:
    length = struct.pack(">I", len(payload))[1:]
    return length + bytes([kind, 0]) + struct.pack(">I", stream) + payload


SETTINGS = frame(4, 0, b"")
INVALID_SETTING = frame(4, 0, struct.pack(">HI", 2, 7))
LATE_DATA = frame(0, 9, b"late")


def upgrading(settings: bytes) -> bytes:
    return asking(
        "/hello",
        Connection="Upgrade, HTTP2-Settings",
        Upgrade="h2c",
        HTTP2_Settings=settings.decode("latin-1"),
    )


HOSTILE = [
    upgrading(b"!!!"),
    upgrading(base64.urlsafe_b64encode(struct.pack(">HI", 2, 7))),
    upgrading(base64.urlsafe_b64encode(b"odd")),
    PREFACE + SETTINGS + LATE_DATA,
    PREFACE + INVALID_SETTING,
    PREFACE,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_no_other_protocol_is_spoken_and_nobody_else_suffers(hostile: bytes) -> None:
    async with served(Toy()) as web, await web.connect() as other:
        await other.send_all(asking("/hello"))
        await until(other, HELLO)
        async with await web.connect() as client:
            await client.send_all(hostile)
            await client.send_eof()
            heard = await rest(client)
        assert b" 101 " not in heard
        assert b"\x00" not in heard
        await other.send_all(asking("/hello"))
        assert status(await until(other, HELLO)) == 200
        assert web.statistics.broken == 0


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (POST + b"Content-Length: 3\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /size HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
         400),
        (POST + b"Content-Length: +3\r\n\r\nabc", 400),
        (POST + b"Content-Length: 1_0\r\n\r\nabc", 400),
        (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET /hello HTTP/1.1\nHost: localhost\n\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
        (GET + b"X: y\r\n z\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
        (GET + b"X: a\x01b\r\n\r\n", 400),
        (GET + b"X: a\x00b\r\n\r\n", 400),
        (GET + b"X : b\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\n\r\n", 400),
        (GET + b"Host: localhost\r\n\r\n", 400),
        (b"GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET /hello HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n", 421),
        (b"GET /hello HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 421),
        (b"GET /hello HTTP/3.7\r\nHost: localhost\r\n\r\n", 505),
        (b"GET /hello\r\n\r\n", 400),
        (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /%ed%a0%80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://[evil HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET \xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 501),
        (asking("/hello", X=LONG), 431),
        (asking(f"/{LONG}"), 431),
        (b"GET /" + LONG.encode(), 431),
        (POST + b"Content-Length: 101\r\n\r\n", 413),
        (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n"
         b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n", 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nHost: evil.example\r\n\r\n", 400),
    ],
)  # fmt: skip
async def test_what_is_unfit_is_refused_before_a_dialect_sees_it(
    request_: bytes, expected: int
) -> None:
    toy = Toy()
    async with served(toy, body=100) as web:
        heard = await web.talk(request_)
        assert status(heard) == expected
        assert b"connection: close" in heard.lower()
        assert b"Traceback" not in heard
        assert toy.requests == []
        assert web.statistics.turned_away == 1
        assert web.statistics.in_flight == 0


async def test_a_head_may_come_byte_by_byte_but_no_line_of_it_may_end_alone() -> None:
    async with served(Toy()) as web:
        head = asking("/hello", connection="close")
        heard = await web.talk(*(head[i : i + 1] for i in range(len(head))))
        assert heard.endswith(HELLO)
        bad = b"GET /hello HTTP/1.1\r\nHost: localhost\n\r\n"
        assert status(await web.talk(bad[:-3], bad[-3:])) == 400


async def test_pipelined_requests_are_answered_in_order_and_checked_alike() -> None:
    toy = Toy()
    async with served(toy) as web:
        good = asking("/hello")
        heard = await web.talk(good + good + b"GET /hello HTTP/1.1\nHost: localhost\n\n" + good)
        assert heard.count(HELLO) == 2
        assert heard.count(b"HTTP/1.1 400 Bad Request") == 1
        assert len(toy.requests) == 2


async def test_a_body_is_whole_when_a_dialect_sees_it() -> None:
    toy = Toy()
    async with served(toy) as web, await web.connect() as client:
        await client.send_all(
            asking("/size", method="POST", Expect="100-continue", Content_Length="4")
        )
        assert status(await until(client, b"\r\n\r\n")) == 100
        await client.send_all(b"ab")
        await settled()
        assert toy.requests == []
        await client.send_all(b"cd")
        assert (await until(client, b"\r\n\r\n4")).startswith(b"HTTP/1.1 200 OK\r\n")
        assert toy.requests[0].body == b"abcd"
        await client.send_all(asking("/size", method="POST", Transfer_Encoding="chunked")
                              + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")  # fmt: skip
        await until(client, b"\r\n\r\n5")
        await settled()
        assert web.statistics.in_flight == 0


async def test_bodies_of_all_connections_together_are_bounded() -> None:
    async with served(Toy(), limits={"in_flight": 150}) as web, await web.connect() as first:
        await first.send_all(asking("/size", method="POST", Content_Length="120") + bytes(100))
        await settled()
        assert web.statistics.in_flight == 100
        refused = await web.talk(asking("/size", method="POST", content="x" * 60))
        assert status(refused) == 503
        await first.send_all(bytes(20))
        assert (await until(first, b"120")).startswith(b"HTTP/1.1 200")
        await settled()
        assert web.statistics.in_flight == 0


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]", "jobs.example"]
)
async def test_its_own_names_are_answered(host: str) -> None:
    async with served(Toy(), hosts=("jobs.example",)) as web:
        request = f"GET /hello HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        assert status(await web.talk(request)) == 200


async def test_an_error_of_a_dialect_is_an_answer_that_tells_nothing() -> None:
    async with served(Toy()) as web, await web.connect() as client:
        await client.send_all(asking("/boom"))
        heard = await until(client, b"}")
        assert status(heard) == 500
        assert b"secret" not in heard
        await client.send_all(asking("/hello"))
        assert status(await until(client, HELLO)) == 200


async def test_a_request_is_told_what_was_sent() -> None:
    toy = Toy()
    async with served(toy, speaks=Speaks.V1) as web:
        await web.get("/a%20b%2Fc?x=%zz&y", X_Name="one", Cookie="a")
        [request] = toy.requests
        assert (request.method, request.path, request.raw_path) == ("GET", "/a b/c", b"/a%20b%2Fc")
        assert request.query == b"x=%zz&y"
        assert request.headers[b"x-name"] == b"one"
        assert request.address.startswith("127.0.0.1:")
        assert (request.local, request.encrypted, request.speaks) == (True, False, Speaks.V1)
