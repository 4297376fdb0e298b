"""Broken requests by the thousand: nobody dies of them and nothing is left behind."""

import random

import pytest
import trio

from tests.frontends.http.web import (
    HELLO,
    Toy,
    Web,
    asking,
    descriptors,
    rest,
    served,
    settled,
    status,
)

AT_ONCE = 25
SEEDS = [
    asking("/hello"),
    asking("/size", "POST", "x" * 40),
    asking("/size", "POST", Transfer_Encoding="chunked") + b"5\r\nabcde\r\n0\r\nX: y\r\n\r\n",
    asking("/hello", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="!!"),
    asking("/hello", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13"),
    asking("/size", "POST", "abc", Expect="100-continue"),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    asking("/", "HEAD") + asking("/nothing") + asking("/stream"),
]
BITS = [
    b"\r\n",
    b"\n",
    b"\x00",
    b"%",
    b":",
    b" ",
    b"\xff",
    b"0",
    b"Content-Length: 7\r\n",
    b"\r\n\r\n",
]


def fuzzed(chance: random.Random) -> bytes:
    """A request with a few things wrong."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(BITS)
            case 1:
                del data[at : at + chance.randrange(8)]
            case 2:
                data[at:] = chance.choice(SEEDS)
            case _:
                data[at : at + 1] = bytes([chance.randrange(256)])
        data = data or bytearray(b"G")
    return bytes(data)


async def annoy(web: Web, chance: random.Random) -> None:
    data = fuzzed(chance)
    cut = chance.randrange(len(data) + 1)
    async with await web.connect() as client:
        try:
            await client.send_all(data[:cut])
            await client.send_all(data[cut:])
            if chance.random() < 0.8:
                await client.send_eof()
                await rest(client)
        except trio.BrokenResourceError:
            pass


@pytest.mark.parametrize("connections", [500, pytest.param(25_000, marks=pytest.mark.nightly)])
async def test_fuzzed_connections_end_and_leave_nothing(connections: int) -> None:
    chance = random.Random(connections)
    async with served(Toy()) as web:
        await web.get("/hello")
        await settled()
        before = descriptors()
        for _ in range(connections // AT_ONCE):
            async with trio.open_nursery() as clients:
                for _ in range(AT_ONCE):
                    clients.start_soon(annoy, web, random.Random(chance.random()))
        await settled()
        counted = web.statistics
        assert (counted.connections, counted.streams, counted.in_flight) == (0, 0, 0)
        assert counted.accepted == connections + 1
        assert counted.broken == 0
        assert 0 < counted.requests < 3 * connections
        assert counted.turned_away > connections // 10
        assert descriptors() == before
        assert (await web.get("/hello")).endswith(HELLO)
        assert status(await web.get("/login")) == 200
