"""Visits to a server, by every door: each comes, works a little, and goes, well or badly."""

import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any, Final, Self

import trio
from attrs import frozen

from jobyard import Client
from jobyard.errors import NotFound, ReservationLost
from jobyard.http.client import HttpClient
from jobyard.options import Options
from jobyard.verbs import Verbs
from tests.acceptance.served import GROUP, PASSWORD, USER, Server
from tests.frontends.rpc.rpc_lines import rpc_port

QUEUES: Final = ("one", "two", "three")
BRIEF: Final = Options(keep_done=0.2, keep_failed=0.2, backoff={"fixed": 0.05}, lease=1.0)
"""So that a job that is over is soon gone, and one that was left is soon there again."""
LARGEST: Final = 20_000
LONGEST: Final = 0.5
"""Seconds of a visit; whoever stays longer is thrown out in the middle of it."""
HALVES: Final = (
    b"PUBLISH one t 'ha",
    b"*3\r\n$7\r\nENQ",
    b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\nHo",
    b'{"id',
)


@frozen
class Doors:
    """Where a server is."""

    lines: int
    web: int
    rpc: int

    @classmethod
    def of(cls, server: Server) -> Self:
        """As it told."""
        told = server.log.event("serving")
        assert told is not None
        return cls(server.port, int(told["http"][0].rpartition(":")[2]), rpc_port(server))

    @property
    def url(self) -> str:
        """Of lines."""
        return f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{self.lines}/{GROUP}"

    @property
    def web_url(self) -> str:
        """Of HTTP."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.web}/?group={GROUP}"


async def _work(client: Verbs, chance: random.Random) -> None:
    """Publish some, take some, and end what was taken in one way or another."""
    queue = chance.choice(QUEUES)
    for _ in range(chance.randrange(1, 4)):
        await client.publish(queue, "t", chance.randbytes(chance.randrange(LARGEST)), **BRIEF)
    await _end(client, await client.reserve(queue, limit=4, wait=0.05), chance)
    await client.counts(queue)
    await client.list(queue, limit=5)


async def _end(client: Verbs, jobs: Any, chance: random.Random) -> None:
    for job in jobs:
        with suppress(ReservationLost, NotFound):
            match chance.randrange(8):
                case 0:
                    await client.fail(job, "no", retry=chance.random() < 0.5)
                case 1:
                    await client.release(job)
                case 2:
                    pass  # and is never heard of again
                case _:
                    await client.progress(job, 0.5, "half")
                    await client.log(job, "a line")
                    await client.checkpoint(job, b"row 7")
                    await client.done(job, b"result" * 100)


async def _by_lines(doors: Doors, chance: random.Random) -> None:
    async with Client(doors.url) as client:
        await _work(client, chance)


async def _by_web(doors: Doors, chance: random.Random) -> None:
    async with HttpClient(doors.web_url) as client:
        await _work(client, chance)


async def _pushed(doors: Doors, chance: random.Random) -> None:
    async with Client(doors.url) as client, client.subscribe(chance.choice(QUEUES)) as jobs:
        async for job in jobs:
            await _end(client, (job,), chance)


async def _listening(doors: Doors, chance: random.Random) -> None:
    async with HttpClient(doors.web_url) as client, client.events() as events:
        async for _ in events:
            if chance.random() < 0.05:
                return


async def _by_rpc(doors: Doors, chance: random.Random) -> None:
    numbers = count(1)
    async with await trio.open_tcp_stream("127.0.0.1", doors.rpc) as stream:

        async def call(method: str, **params: Any) -> Any:
            said = {"method": method, "params": params, "id": next(numbers), "jsonrpc": "2.0"}
            await stream.send_all(json.dumps(said).encode() + b"\n")
            heard = b""
            while not heard.endswith(b"\n"):
                chunk = await stream.receive_some(65_536)
                if not chunk:
                    raise trio.EndOfChannel
                heard += chunk
            return json.loads(heard).get("result", {})

        await call("login", user=USER, password=PASSWORD)
        queue = chance.choice(QUEUES)
        await call("enqueue", queue=queue, type="t", payload="by rpc", **BRIEF)
        for job in (await call("reserve", queue=queue, limit=3, wait=0.05)).get("jobs", ()):
            await call("done", job=job["id"], reservation=job["reservation"])
        await call("reserve", queue="empty", wait=1)


async def _half(doors: Doors, chance: random.Random) -> None:
    port = chance.choice((doors.lines, doors.web, doors.rpc))
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(chance.choice(HALVES))
        await stream.receive_some(100)


KINDS: Final[tuple[Callable[[Doors, random.Random], Awaitable[None]], ...]] = (
    _by_lines, _by_lines, _by_web, _by_rpc, _pushed, _listening, _half,
)  # fmt: skip


async def visit(doors: Doors, number: int, chance: random.Random) -> None:
    """One of some kind, ended where it is when its time is up."""
    with trio.move_on_after(chance.uniform(LONGEST / 10, LONGEST)):
        await KINDS[number % len(KINDS)](doors, chance)
