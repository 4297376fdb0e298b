"""Clients that say more than they read: held back, then let go, and nothing piles up."""

from typing import Any, cast

import trio
from trio.testing import MockClock, lockstep_stream_pair, wait_all_tasks_blocked

from frontends.rpc.connection import Connection
from frontends.rpc.wire import CHUNK, MOST_UNSENT, WRITING
from tests.frontends.rpc.place import memory_place

CALLS = b'{"jsonrpc":"2.0","method":"no_such","id":1}\n' * 1000


class Flood:
    """A client that goes on sending until it is not read any more."""

    def __init__(self) -> None:
        self.client, self.server = lockstep_stream_pair()
        self.sent = 0
        self.over = trio.Event()

    async def run(self) -> None:
        try:
            while True:
                await self.client.send_all(CALLS)
                self.sent += 1
        except trio.BrokenResourceError:
            self.over.set()


async def test_nothing_is_read_while_answers_wait(autojump_clock: MockClock) -> None:
    flood = Flood()
    async with memory_place() as (place, _), trio.open_nursery() as nursery:
        stream = cast("Any", flood.server)
        connection = Connection(
            place, stream, "127.0.0.1:1", local=True, dirty=lambda wire: wire.flush()
        )
        nursery.start_soon(connection.run)
        nursery.start_soon(flood.run)
        await wait_all_tasks_blocked()
        first = flood.sent
        assert first * len(CALLS) <= 2 * MOST_UNSENT + CHUNK
        heard = 0
        while heard < MOST_UNSENT:
            heard += len(await flood.client.receive_some())
        await wait_all_tasks_blocked()
        assert flood.sent > first
        began = trio.current_time()
        await flood.over.wait()
        assert trio.current_time() - began <= WRITING + 1
        nursery.cancel_scope.cancel()


async def test_a_head_has_its_time(autojump_clock: MockClock) -> None:
    client, server = lockstep_stream_pair()
    async with memory_place() as (place, _), trio.open_nursery() as nursery:
        connection = Connection(
            place, cast("Any", server), "127.0.0.1:1", local=True, dirty=lambda wire: wire.flush()
        )
        nursery.start_soon(connection.run)
        for part in (b"GET / ", b"HTTP/1.1\r\n", b"X: y\r\n"):
            await client.send_all(part)
            await trio.sleep(3)
        began = trio.current_time()
        assert await client.receive_some() == b""
        assert trio.current_time() - began <= 2
