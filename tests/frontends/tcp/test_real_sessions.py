"""The real session over real sockets: what only shows when both are there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.replies import Published
from frontends.lines.door import Door
from frontends.lines.session import PAUSE, Session
from frontends.tcp.connection import Conversation
from tests.frontends.scripted import ScriptedEngine, lines
from tests.frontends.tcp.serving import Served, hear, serve, until

HELLO = b"AUTH bob bob's\nUSE_GROUP mail\n"
WELCOMED = b"Welcome!\nOK\n"


@asynccontextmanager
async def talking(engine: ScriptedEngine) -> AsyncIterator[Served]:
    def make(door: Door, address: str, *, local: bool, encrypted: bool) -> Conversation:
        return Session(
            door,
            engine,
            lines(),
            address,
            local=local,
            encrypted=encrypted,
            now=trio.current_time,
        )

    async with serve(make_session=make) as served:
        served.may_verify.set()
        yield served


async def test_a_burst_is_answered_in_order_as_the_engine_answers() -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client = await served.connect()
        await client.send_all(HELLO + b"".join(b"PUBLISH q t %d\n" % n for n in range(600)))
        assert await hear(client, len(WELCOMED)) == WELCOMED
        expected = b""
        for number in range(600):
            if not engine.open:
                await until(lambda: bool(engine.open))
            engine.answer(Published(f"job-{number}"))
            served.server.flush()
            expected += b"OK#job-%d\n" % number
        assert await hear(client, len(expected)) == expected
        assert served.server.statistics().in_flight == 0


async def test_an_answer_that_cannot_be_written_ends_its_connection_only() -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client, other = await served.connect(), await served.connect()
        for each in (client, other):
            await each.send_all(HELLO + b"PUBLISH q t secret\n")
            assert await hear(each, len(WELCOMED)) == WELCOMED
        await until(lambda: len(engine.open) == 2)
        engine.answer(Published("\ud800"))
        engine.answer(Published("job-2"))
        with capture_logs() as logs:
            served.server.flush()
        assert [line["error"] for line in logs] == ["UnicodeEncodeError"]
        assert "secret" not in str(logs)
        assert len(engine.left) == 1
        assert await hear(client, 1) == b""
        assert await hear(other, 9) == b"OK#job-2\n"


@pytest.mark.parametrize(
    "first",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
)
async def test_who_speaks_http_or_tls_to_the_plain_listener_is_closed(first: bytes) -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client = await served.connect()
        await client.send_all(first)
        assert await hear(client, 1000) == b""
        await until(lambda: served.server.statistics().connections == 0)


async def test_an_endless_line_is_refused_and_closed() -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client = await served.connect()
        await client.send_all(b"P" * 1500)
        assert await hear(client, 1000) == b"Err: line-too-long\n"


async def test_a_client_that_ends_its_command_with_a_space_is_answered(
    jumping_clock: MockClock,
) -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client = await served.connect()
        before = trio.current_time()
        await client.send_all(b"PING ")
        assert await hear(client, 5) == b"PONG\n"
        assert trio.current_time() - before == pytest.approx(PAUSE)


async def test_a_wrong_password_keeps_what_follows_in_order() -> None:
    engine = ScriptedEngine()
    async with talking(engine) as served:
        client = await served.connect()
        await client.send_all(b"PING\nAUTH bob wrong\nPING\nQUIT\nPING\n")
        expected = b"PONG\nErr: invalid-creds\nPONG\n"
        assert await hear(client, len(expected)) == expected
        assert b"PONG" not in await hear(client, 100)
