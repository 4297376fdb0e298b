"""TLS connections: the same talk, and nobody waits for a handshake."""

import socket
import ssl
from contextlib import suppress

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from config.sections import Limits
from frontends.certificate import Certificate
from tests.frontends.tcp.encrypted import Files, connect
from tests.frontends.tcp.serving import hear, serve, until
from tests.frontends.tcp.toy import SILENCE


@pytest.mark.parametrize("size", [1, 5, 1000])
async def test_the_same_talk_as_in_clear(files: Files, certificate: Certificate, size: int) -> None:
    talk = b"PING\nECHO one\nBIG 3000\n" + b"PING\n" * 200
    answers = b"PONG\none\n" + b"x" * 3000 + b"\n" + b"PONG\n" * 200
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        for at in range(0, len(talk), size):
            await client.send_all(talk[at : at + size])
        assert await hear(client, len(answers)) == answers
        assert served.toys[0].encrypted


async def test_answers_from_elsewhere_and_logins_reach_it(
    files: Files, certificate: Certificate
) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        await client.send_all(b"AUTH bob bob's\n" + b"LATER x\n" * 101)
        await until(lambda: bool(served.toys) and served.toys[0].logging_in)
        served.may_verify.set()
        toy = served.toys[0]
        await until(lambda: toy.held and not toy.logging_in)
        toy.answer(100)
        served.server.flush()
        await until(lambda: len(toy.ran) == 102)
        toy.answer()
        served.server.flush()
        assert await hear(client, 211) == b"Welcome!\n" + b"x\n" * 101


async def test_a_client_that_never_finishes_its_handshake_delays_nobody(
    files: Files, certificate: Certificate, jumping_clock: MockClock
) -> None:
    async with serve(certificate=certificate) as served:
        stalled = [await served.connect_tls() for _ in range(5)]
        await stalled[0].send_all(b"\x16\x03\x01")
        client = await connect(served, files)
        plain = await served.connect()
        before = trio.current_time()
        for each in (client, plain):
            await each.send_all(b"PING\n")
            assert await hear(each, 5) == b"PONG\n"
        assert trio.current_time() == before
        for each in stalled:
            assert await hear(each, 1) == b""
        assert trio.current_time() - before == pytest.approx(10.0)
        assert served.server.statistics().handshakes_failed == 5


@pytest.mark.parametrize("nonsense", [b"AUTH ada known\n", b"GET / HTTP/1.1\r\n\r\n", bytes(300)])
async def test_who_does_not_speak_tls_is_closed(certificate: Certificate, nonsense: bytes) -> None:
    async with serve(certificate=certificate) as served:
        client = await served.connect_tls()
        await client.send_all(nonsense)
        with suppress(trio.BrokenResourceError):
            await hear(client, 1000)
        await until(lambda: served.server.statistics().handshakes_failed == 1)
        assert served.toys == []


async def test_handshakes_count_as_connections(files: Files, certificate: Certificate) -> None:
    async with serve(Limits(connections=2), certificate) as served:
        client = await connect(served, files)
        await client.send_all(b"PING\n")
        assert await hear(client, 5) == b"PONG\n"
        stalled = await served.connect_tls()
        await stalled.send_all(b"\x16")
        third = await served.connect_tls()
        assert await hear(third, 1) == b""
        assert served.server.statistics().refused == 1
        await client.aclose()
        await until(lambda: served.server.statistics().connections == 0)
        await connect(served, files)


async def test_quit_ends_with_a_word_of_tls(files: Files, certificate: Certificate) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        await client.send_all(b"BIG 500000\nQUIT\n")
        # A stream that ended without its last word would raise here.
        assert await hear(client, 600_000) == b"x" * 500_000 + b"\n"
        assert served.toys[0].ends == 1


async def test_who_says_goodbye_first_still_gets_what_is_owed(
    files: Files, certificate: Certificate
) -> None:
    async with serve(certificate=certificate) as served:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = files.trust.wrap_bio(incoming, outgoing, server_hostname="old.example")
        stream = await served.connect_tls()

        async def until_done(step: "ssl.SSLObject") -> None:
            while True:
                try:
                    step.do_handshake()
                except ssl.SSLWantReadError:
                    await stream.send_all(outgoing.read())
                    incoming.write(await stream.receive_some())
                else:
                    await stream.send_all(outgoing.read())
                    return

        await until_done(client)
        client.write(b"LATER x\nPING\n")
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        await stream.send_all(outgoing.read())
        await until(lambda: bool(served.toys) and served.toys[0].waiting == 1)
        served.toys[0].answer()
        served.server.flush()
        incoming.write(await hear(stream, 10_000))
        assert client.read(100) == b"x\nPONG\n"


async def test_who_never_reads_is_not_read_and_is_closed_past_the_bound(
    files: Files, certificate: Certificate
) -> None:
    async with serve(Limits(output=8_000_000), certificate) as served:
        mute = await connect(served, files)
        await mute.send_all(b"BIG 6000000\n")
        await until(lambda: served.server.statistics().unsent > 0)
        await mute.send_all(b"PING\n")
        modest, toy = await served.come()
        await modest.send_all(b"PING\n")
        assert await hear(modest, 5) == b"PONG\n"
        assert served.toys[0].ran == [b"BIG 6000000"]
        with capture_logs() as logs:
            await modest.send_all(b"BIG 5000000\n")
            await until(lambda: served.toys[0].ends == 1)
        assert [line["address"] for line in logs] == [served.toys[0].address]
        assert toy.ends == 0
        assert await hear(modest, 5_000_001) == b"x" * 5_000_000 + b"\n"


@pytest.mark.parametrize("where", [b"receive", b"turn", b"output", b"closed"])
async def test_an_error_in_one_connection_ends_that_connection_only(
    files: Files, certificate: Certificate, where: bytes
) -> None:
    async with serve(certificate=certificate) as served:
        client, other = await connect(served, files), await connect(served, files)
        with capture_logs() as logs:
            await client.send_all(b"BREAK " + where + b"\n")
            await until(lambda: any(toy.broken for toy in served.toys))
            await client.send_all(b"PING\nQUIT\n")
            await until(lambda: any(toy.ends for toy in served.toys))
        assert [line["error"] for line in logs] == ["PlantedError"]
        await other.send_all(b"PING\n")
        assert await hear(other, 5) == b"PONG\n"


async def test_a_cut_line_ends_its_connection(files: Files, certificate: Certificate) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        await client.send_all(b"PING\n")
        assert await hear(client, 5) == b"PONG\n"
        await trio.aclose_forcefully(client)
        await until(lambda: served.toys[0].ends == 1)


async def test_blocked_readers_go_on_when_answers_came(
    files: Files, certificate: Certificate
) -> None:
    async with serve(Limits(in_flight=10), certificate) as served:
        busy, other = await connect(served, files), await connect(served, files)
        await busy.send_all(b"LATER 12345678901\n")
        await until(lambda: any(toy.waiting for toy in served.toys))
        [worker] = [toy for toy in served.toys if toy.waiting]
        await other.send_all(b"PING\n")
        await trio.testing.wait_all_tasks_blocked()
        assert [toy.ran for toy in served.toys if toy is not worker] == [[]]
        worker.answer()
        served.server.flush()
        assert await hear(other, 5) == b"PONG\n"
        assert await hear(busy, 12) == b"12345678901\n"


async def test_the_stop_sends_what_is_answered_and_waits_for_no_handshake(
    files: Files, certificate: Certificate, jumping_clock: MockClock
) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        stalled = await served.connect_tls()
        await stalled.send_all(b"\x16")
        await client.send_all(b"BIG 3000000\n")
        await until(lambda: bool(served.toys) and len(served.toys[0].ran) == 1)
        before = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(served.server.drain, 5.0)
            assert await hear(client, 4_000_000) == b"x" * 3_000_000 + b"\n"
        await served.ended.wait()
        assert (served.toys[0].ends, trio.current_time()) == (1, before)


async def test_silence_comes_by_the_clock(
    files: Files, certificate: Certificate, jumping_clock: MockClock
) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        before = trio.current_time()
        await client.send_all(b"PING ")
        assert await hear(client, 5) == b"PONG\n"
        assert trio.current_time() - before == pytest.approx(SILENCE)


async def test_who_does_not_read_cannot_hold_up_the_stop(
    files: Files, certificate: Certificate, jumping_clock: MockClock
) -> None:
    async with serve(certificate=certificate) as served:
        client = await connect(served, files)
        await client.send_all(b"BIG 9000000\n")
        await until(lambda: served.server.statistics().unsent > 0)
        before = trio.current_time()
        await served.server.drain(5.0)
        await served.ended.wait()
        assert trio.current_time() - before == pytest.approx(5.0)
        assert served.toys[0].ends == 1


async def test_an_accepted_socket_notices_a_peer_that_is_silently_gone(
    files: Files, certificate: Certificate
) -> None:
    async with serve(certificate=certificate) as served:
        await connect(served, files)
        await until(lambda: bool(served.toys))
        [connection] = served.server._scheduler.connections.values()
        assert connection._stream.transport_stream.socket.getsockopt(  # type: ignore[attr-defined]
            socket.SOL_SOCKET, socket.SO_KEEPALIVE
        )
