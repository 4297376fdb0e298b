"""A real RPC server on a real port, and clients of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import msgspec
import trio

from config.settings import Settings
from frontends.listening import bind
from frontends.rpc.place import Place
from frontends.rpc.server import RpcServer
from tests.frontends.rpc.gob_client import Answer, GobClient
from tests.frontends.rpc.place import memory_place


@asynccontextmanager
async def served(
    settings: Settings | None = None, host: str = "127.0.0.1"
) -> AsyncGenerator[tuple[RpcServer, int, Place]]:
    """A server that keeps nothing, its port, and what it is given."""
    async with memory_place(settings) as (place, engine), trio.open_nursery() as nursery:
        server = RpcServer(place)
        (listener,) = await bind(host, 0)
        server.listen([listener])
        engine.committer.flushers.append(server.flush)
        await nursery.start(server.run)
        yield server, listener.getsockname()[1], place
        await server.drain(1)


async def ask(port: int, request: bytes) -> bytes:
    """Everything that one connection answers until it ends."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        await stream.send_all(request)
        with trio.fail_after(10):
            return b"".join([bytes(chunk) async for chunk in stream])


class JsonClient:
    """A client of JSON-RPC."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._rest = b""
        self._number = 0

    async def send(self, raw: bytes) -> None:
        await self._stream.send_all(raw)

    async def hear(self) -> Any:
        """The next value, which is a line."""
        with trio.fail_after(10):
            while b"\n" not in self._rest:
                chunk = bytes(await self._stream.receive_some())
                if not chunk:
                    raise EOFError
                self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return msgspec.json.decode(line)

    async def call(self, method: str, *, version: str | None = "2.0", params: Any = None) -> Any:
        self._number += 1
        said = {"method": method, "params": params or {}, "id": self._number}
        if version:
            said["jsonrpc"] = version
        await self.send(msgspec.json.encode(said))
        answer = await self.hear()
        assert answer["id"] == self._number
        return answer

    async def result(self, method: str, **params: Any) -> Any:
        answer = await self.call(method, params=params)
        assert "error" not in answer, answer
        return answer["result"]

    async def close(self) -> None:
        await self._stream.aclose()


async def json_client(port: int) -> JsonClient:
    return JsonClient(await trio.open_tcp_stream("127.0.0.1", port))


class GoStream:
    """A Go program over a socket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._out: list[bytes] = []
        self._client = GobClient(self._out.append)
        self._heard: list[Answer] = []

    async def call(self, method: str, argument: Any) -> Answer:
        seq = self._client.call(method, argument)
        await self.stream.send_all(b"".join(self._out))
        self._out.clear()
        with trio.fail_after(10):
            while not any(one.seq == seq for one in self._heard):
                chunk = bytes(await self.stream.receive_some())
                if not chunk:
                    raise EOFError
                self._heard += self._client.hear(chunk)
        (found,) = [one for one in self._heard if one.seq == seq]
        self._heard.remove(found)
        return found


async def go_stream(port: int) -> GoStream:
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(b"CONNECT /_goRPC_ HTTP/1.0\n\n")
    wanted = b"HTTP/1.0 200 Connected to Go RPC\n\n"
    heard = b""
    while len(heard) < len(wanted):
        chunk = bytes(await stream.receive_some(len(wanted) - len(heard)))
        assert chunk, heard
        heard += chunk
    assert heard == wanted
    return GoStream(stream)


def with_limits(settings: Settings, **limits: Any) -> Settings:
    return attrs.evolve(settings, limits=attrs.evolve(settings.limits, **limits))
