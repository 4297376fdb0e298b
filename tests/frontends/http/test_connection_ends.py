"""How connections end: politely, late, too slowly, or from the other side."""

import pytest
import trio
from trio.testing import MockClock

from frontends.http.exchange import Request, Response
from tests.frontends.http.web import (
    HELLO,
    Toy,
    asking,
    descriptors,
    lazy,
    rest,
    served,
    settled,
    status,
    until,
)


@pytest.mark.parametrize("path", ["/hello", "/login", "/nothing", "/boom"])
async def test_who_asks_once_is_closed_after_the_answer(path: str) -> None:
    async with served(Toy()) as web:
        assert status(await web.get(path)) in {200, 404, 500}
        old = await web.talk(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert b"\r\n\r\n" in old
        await settled()
        assert web.statistics.connections == 0


@pytest.mark.parametrize("path", ["/hello", "/login"])
async def test_three_hundred_clients_leave_no_descriptor(path: str) -> None:
    async with served(Toy()) as web:
        await web.get(path)
        await settled()
        before = descriptors()
        for _ in range(30):
            async with trio.open_nursery() as clients:
                for _ in range(10):
                    clients.start_soon(web.get, path)
        await settled()
        assert web.statistics.accepted == 301
        assert web.statistics.connections == 0
        assert descriptors() == before


@pytest.mark.parametrize("path", ["/hello", "/login"])
async def test_a_kept_connection_is_closed_when_it_is_idle(
    jumping_clock: MockClock, path: str
) -> None:
    async with served(Toy(), idle=30) as web, await web.connect() as client:
        for _ in range(2):
            began = trio.current_time()
            await client.send_all(asking(path))
            await client.receive_some(65536)
        assert await client.receive_some(1) == b""
        assert trio.current_time() - began == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    ("begun", "seconds"),
    [
        (b"GET /hello HTTP/1.1\r\nHost: local", 10),
        (asking("/size", "POST", Content_Length="5") + b"abc", 60),
        (asking("/size", "POST", Transfer_Encoding="chunked") + b"5\r\nabc", 60),
    ],
)
async def test_a_request_that_stays_half_is_ended(
    jumping_clock: MockClock, begun: bytes, seconds: float
) -> None:
    toy = Toy()
    async with served(toy) as web:
        began = trio.current_time()
        heard = await web.talk(begun)
        assert trio.current_time() - began == pytest.approx(seconds, abs=2)
        assert status(heard) == 408
        assert (web.statistics.late, toy.requests) == (1, [])


async def test_a_head_that_drips_has_no_more_time_than_one_that_does_not(
    jumping_clock: MockClock,
) -> None:
    async with served(Toy(), head_time=10) as web, await web.connect() as client:

        async def drip() -> None:
            for byte in b"GET /hello HTTP/1.1\r\nX: " + b"y" * 100:
                await client.send_all(bytes([byte]))
                await trio.sleep(1)

        with pytest.raises(trio.BrokenResourceError):
            await drip()
        assert trio.current_time() < 14


async def test_who_says_nothing_at_all_is_closed(jumping_clock: MockClock) -> None:
    async with served(Toy()) as web:
        assert await web.talk() == b""
        assert trio.current_time() < 12
        assert web.statistics.late == 0


async def test_a_reader_that_takes_nothing_is_closed_and_its_answer_undone(
    jumping_clock: MockClock,
) -> None:
    toy = Toy()
    async with served(toy, write=20) as web, await lazy(web) as client:
        await client.send_all(asking("/big"))
        await toy.undone.wait()
        assert trio.current_time() == pytest.approx(20, abs=2)
        await settled()
        assert (web.statistics.slow, web.statistics.connections) == (1, 0)


async def test_a_client_that_goes_cancels_its_handler_at_once() -> None:
    toy = Toy()
    async with served(toy) as web:
        async with await web.connect() as client:
            await client.send_all(asking("/wait"))
            await toy.waiting.wait()
        await toy.cancelled.wait()
        await settled()
        assert web.statistics.connections == 0
        assert web.statistics.broken == 0


async def test_an_answer_whose_client_went_meanwhile_is_undone() -> None:
    undone = trio.Event()
    gone = trio.Event()

    async def stubborn(request: Request) -> Response:
        with trio.CancelScope(shield=True):
            await gone.wait()
        return Response(200, HELLO, undo=undone.set)

    async with served(Toy(late=stubborn)) as web:
        async with await web.connect() as client:
            await client.send_all(asking("/late"))
            await settled()
        await settled()
        gone.set()
        await undone.wait()


async def test_an_answer_that_was_written_is_not_undone() -> None:
    undone = trio.Event()

    async def give(request: Request) -> Response:
        return Response(200, HELLO, undo=undone.set)

    async with served(Toy(job=give)) as web:
        assert (await web.get("/job")).endswith(HELLO)
        await settled()
        assert not undone.is_set()


async def test_an_answer_that_cannot_be_said_in_http_is_undone_too() -> None:
    undone = trio.Event()

    async def wrong(request: Request) -> Response:
        return Response(200, HELLO, ((b"bad name", b"x\r\ny"),), undo=undone.set)

    async with served(Toy(wrong=wrong)) as web:
        assert HELLO not in await web.get("/wrong")
        await undone.wait()
        await settled()
        assert (web.statistics.broken, web.statistics.connections) == (1, 0)


async def test_more_connections_than_there_may_be_are_closed_at_once() -> None:
    async with served(Toy(), limits={"connections": 2}) as web:
        async with await web.connect() as one, await web.connect() as two:
            for client in (one, two):
                await client.send_all(asking("/hello"))
                await until(client, HELLO)
            assert await web.get("/hello") == b""
            assert web.statistics.refused == 1
        await settled()
        assert status(await web.get("/hello")) == 200


async def test_an_answer_under_way_is_finished_before_the_end() -> None:
    proceed = trio.Event()

    async def late(request: Request) -> Response:
        await proceed.wait()
        return Response(200, HELLO)

    async with served(Toy(late=late)) as web, await web.connect() as client:
        await client.send_all(asking("/late"))
        await settled()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(web.server.drain, 5)
            await settled()
            proceed.set()
            heard = await rest(client)
        assert heard.endswith(HELLO)
        assert b"connection: close" in heard.lower()


async def test_a_client_that_sent_too_much_and_goes_is_noticed_too() -> None:
    toy = Toy()
    async with served(toy) as web:
        async with await web.connect() as client:
            await client.send_all(asking("/wait") + b"GET /hel")
            await toy.waiting.wait()
        await toy.cancelled.wait()
        await settled()
        assert web.statistics.connections == 0


async def test_a_connection_is_kept_after_pipelined_requests() -> None:
    async with served(Toy()) as web, await web.connect() as client:
        for _ in range(3):
            await client.send_all(asking("/size", "POST", "ab") * 2 + asking("/hello"))
            assert (await until(client, HELLO)).count(b"HTTP/1.1 200 OK") == 3


async def test_who_sends_ahead_without_end_is_closed() -> None:
    toy = Toy()
    async with served(toy, head=1000) as web, await web.connect() as client:
        await client.send_all(asking("/wait") + asking("/hello") * 100)
        await toy.cancelled.wait()
        assert await rest(client) == b""


async def test_who_says_no_more_still_hears_the_answers(jumping_clock: MockClock) -> None:
    asked = trio.Event()
    answered = trio.Event()

    async def slow(request: Request) -> Response:
        asked.set()
        await answered.wait()
        return Response(200, b"late")

    async with served(Toy(slow=slow)) as web, await web.connect() as client:
        await client.send_all(asking("/slow") + asking("/hello"))
        await client.send_eof()
        await asked.wait()
        await settled()
        answered.set()
        heard = await rest(client)
        assert heard.count(b"HTTP/1.1 200") == 2
        assert b"late" in heard
        assert heard.endswith(HELLO)


async def test_who_says_no_more_is_waited_for_a_moment_only(jumping_clock: MockClock) -> None:
    toy = Toy()
    async with served(toy) as web, await web.connect() as client:
        await client.send_all(asking("/wait"))
        await client.send_eof()
        await toy.waiting.wait()
        assert await rest(client) == b""
        assert toy.cancelled.is_set()
