"""Answers that go on: they outlast every deadline but the reader's, and end with the server."""

import pytest
import trio
from trio.testing import MockClock

from frontends.http.exchange import Request, Stream, Write
from tests.frontends.http.web import HELLO, Toy, asking, lazy, rest, served, settled, until


async def test_a_stream_outlasts_every_deadline(jumping_clock: MockClock) -> None:
    async def tick(write: Write) -> None:
        for number in range(3):
            await trio.sleep(3600)
            await write(b"%d" % number)

    async def ticking(request: Request) -> Stream:
        return Stream(200, (), tick)

    async with served(Toy(ticks=ticking)) as web, await web.connect() as client:
        await client.send_all(asking("/ticks"))
        assert await until(client, b"\r\n\r\n")
        assert trio.current_time() < 3600
        heard = await until(client, b"0\r\n\r\n")
        assert heard == b"1\r\n0\r\n1\r\n1\r\n1\r\n2\r\n0\r\n\r\n"
        assert trio.current_time() == pytest.approx(3 * 3600, abs=5)


async def test_a_stream_that_nobody_reads_is_ended(jumping_clock: MockClock) -> None:
    async with served(Toy(), write=20) as web, await lazy(web) as client:
        await client.send_all(asking("/endless"))
        while web.statistics.slow == 0:  # noqa: ASYNC110 - the clock jumps
            await trio.sleep(1)
        await settled()
        assert (web.statistics.streams, web.statistics.connections) == (0, 0)


async def test_a_stream_whose_reader_goes_is_cancelled() -> None:
    toy = Toy()
    async with served(toy) as web:
        async with await web.connect() as client:
            await client.send_all(asking("/stream"))
            await until(client, b"data: 1\n\n\r\n")
            assert web.statistics.streams == 1
        await toy.cancelled.wait()
        await settled()
        assert (web.statistics.streams, web.statistics.connections) == (0, 0)


async def test_eight_hundred_streams_at_once() -> None:
    told = trio.Event()
    everybody = 800

    async def tell(write: Write) -> None:
        await write(b"one")
        await told.wait()
        await write(b"two")

    async def telling(request: Request) -> Stream:
        return Stream(200, (), tell)

    async with served(Toy(tell=telling)) as web, trio.open_nursery() as readers:
        heard: list[bytes] = []

        async def read() -> None:
            heard.append(await web.get("/tell"))

        for _ in range(everybody):
            readers.start_soon(read)
        while web.statistics.streams < everybody:
            await settled()
        told.set()
    assert len(heard) == everybody
    assert all(b"one" in each and b"two" in each for each in heard)


async def test_the_end_answers_streams_and_lets_nobody_hold_it_up(jumping_clock: MockClock) -> None:
    toy = Toy()
    async with (
        served(toy) as web,
        await lazy(web) as stalled,
        await web.connect() as reader,
        await web.connect() as waiting,
        await web.connect() as idle,
    ):
        await stalled.send_all(asking("/endless"))
        await reader.send_all(asking("/stream"))
        await until(reader, b"data: 1\n\n\r\n")
        await waiting.send_all(asking("/wait"))
        await idle.send_all(asking("/hello"))
        await until(idle, HELLO)
        await settled()
        began = trio.current_time()
        web.server.stop_accepting()
        await web.server.drain(4)
        assert trio.current_time() - began == pytest.approx(4, abs=1)
        assert await rest(reader) == b"0\r\n\r\n"
        assert await rest(idle) == b""
        assert await rest(waiting) == b""
        await toy.cancelled.wait()
        with pytest.raises(OSError, match=r".*"):
            await web.connect()


async def test_streams_end_when_somebody_may_do_less() -> None:
    toy = Toy()
    async with served(toy) as web, await web.connect() as reader:
        await reader.send_all(asking("/stream"))
        await until(reader, b"data: 1\n\n\r\n")
        web.server.replace_users((), ("a", "b"))
        await settled()
        assert not toy.cancelled.is_set()
        web.server.replace_users(("ada",), ("a", "b"))
        assert await until(reader, b"0\r\n\r\n")
        await reader.send_all(asking("/hello"))
        await until(reader, HELLO)


@pytest.mark.parametrize("begun", [b"GET /hel", asking("/size", "POST", Content_Length="9")])
async def test_who_is_still_asking_does_not_hold_up_the_end(
    jumping_clock: MockClock, begun: bytes
) -> None:
    async with served(Toy()) as web, await web.connect() as client:
        await client.send_all(begun)
        await settled()
        await web.server.drain(4)
        assert trio.current_time() < 1
        assert await rest(client) == b""
