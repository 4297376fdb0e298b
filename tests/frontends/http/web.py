"""An HTTP server on a real socket with a toy dialect, and bare clients of it."""

import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import trio
from attrs import evolve, frozen
from trio.testing import wait_all_tasks_blocked

from config.sections import Http
from config.settings import Settings
from engine.testing import ScriptedEngine
from frontends.certificate import Certificate
from frontends.http.exchange import Answer, Dialect, Request, Response, Speaks, Stream, Write
from frontends.http.server import HttpServer
from frontends.http.site import Site
from frontends.http.statistics import Statistics
from frontends.listening import bind
from frontends.login import KEY_BYTES, Login

HELLO: Final = b"hello"
DESCRIPTORS: Final = Path("/proc/self/fd")
Handler = Callable[[Request], Awaitable[Answer | None]]


def site(settings: Settings | None = None) -> Site:
    """A site whose engine is never asked."""
    settings = settings or Settings()
    login = Login((), settings.login, key=bytes(KEY_BYTES), clock=trio.current_time)
    return Site(ScriptedEngine(), login, settings, tuple, float, "jobyard/test", 0.0)


class Toy:
    """A dialect of paths that tests are made of."""

    def __init__(self, **paths: Handler) -> None:
        self.paths = {f"/{name}": handler for name, handler in paths.items()}
        self.requests: list[Request] = []
        self.cancelled = trio.Event()
        self.undone = trio.Event()
        self.waiting = trio.Event()

    async def answer(self, request: Request) -> Answer | None:
        self.requests.append(request)
        if request.path in self.paths:
            return await self.paths[request.path](request)
        match request.path:
            case "/hello":
                return Response(200, HELLO, ((b"content-type", b"text/plain"),))
            case "/size":
                return Response(200, b"%d" % len(request.body))
            case "/wait":
                return await self._wait()
            case "/big":
                return Response(200, bytes(32 << 20), undo=self.undone.set)
            case "/stream":
                return Stream(200, ((b"content-type", b"text/event-stream"),), self._tell)
            case "/endless":
                return Stream(200, (), _endless)
            case "/boom":
                raise ZeroDivisionError("a secret")
            case _:
                return None

    async def _wait(self) -> Response:
        self.waiting.set()
        try:
            await trio.sleep_forever()
        finally:
            self.cancelled.set()
        raise AssertionError

    async def _tell(self, write: Write) -> None:
        await write(b"data: 1\n\n")
        await self._wait()


async def _endless(write: Write) -> None:
    while True:
        await write(bytes(1 << 20))


@frozen
class Web:
    """A server that runs, and where."""

    server: HttpServer
    port: int

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def talk(self, *pieces: bytes) -> bytes:
        """Say something and hear everything until the server closes."""
        async with await self.connect() as client:
            try:
                for piece in pieces:
                    await client.send_all(piece)
                return await rest(client)
            except trio.BrokenResourceError:
                return b""

    async def get(self, path: str, **headers: str) -> bytes:
        """Ask for one path on a connection of its own."""
        return await self.talk(asking(path, **{"Connection": "close", **headers}))

    @property
    def statistics(self) -> Statistics:
        return self.server.statistics()


@asynccontextmanager
async def served(
    *dialects: Dialect, speaks: Speaks = Speaks.EVERYTHING, limits: Any = None, **http: Any
) -> AsyncGenerator[Web]:
    """A server with these dialects; it is drained at the end.

    Args:
        dialects: asked in this order.
        speaks: what its listener speaks.
        limits: fields of section `limits`.
        http: fields of section `http`.
    """
    settings = Settings(http=Http(**http))
    settings = evolve(settings, limits=evolve(settings.limits, **(limits or {})))
    server = HttpServer(site(settings), lambda _site, _speaks: dialects)
    sockets = await bind("127.0.0.1", 0)
    server.listen(sockets, speaks)
    async with running(server, sockets[0]) as web:
        yield web


@asynccontextmanager
async def served_tls(
    certificate: Certificate, handshake: float, *dialects: Dialect
) -> AsyncGenerator[Web]:
    """The same under TLS."""
    server = HttpServer(site(), lambda _site, _speaks: dialects)
    sockets = await bind("127.0.0.1", 0)
    server.listen_tls(sockets, Speaks.EVERYTHING, certificate, handshake)
    async with running(server, sockets[0]) as web:
        yield web


@asynccontextmanager
async def running(server: HttpServer, listener: socket.socket) -> AsyncGenerator[Web]:
    port = listener.getsockname()[1]
    async with trio.open_nursery() as nursery:
        await nursery.start(server.run)
        yield Web(server, port)
        await server.drain(1)


def asking(path: str, method: str = "GET", content: str = "", **headers: str) -> bytes:
    """The bytes of a request."""
    said = {"Host": "localhost", **{name.replace("_", "-"): told for name, told in headers.items()}}
    if content:
        said["Content-Length"] = str(len(content))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {told}" for name, told in said.items())]
    return "\r\n".join([*lines, "", content]).encode("latin-1")


async def rest(client: trio.abc.ReceiveStream) -> bytes:
    """Everything until the end; a reset is an end as well."""
    heard = bytearray()
    try:
        while data := await client.receive_some(65536):
            heard += data
    except trio.BrokenResourceError:
        pass
    return bytes(heard)


async def until(client: trio.abc.ReceiveStream, end: bytes) -> bytes:
    """Everything up to those bytes."""
    heard = bytearray()
    while not heard.endswith(end):
        data = await client.receive_some(65536)
        assert data, bytes(heard)
        heard += data
    return bytes(heard)


async def settled() -> None:
    """Wait until nothing happens any more, in real time."""
    await wait_all_tasks_blocked(0.01)


async def lazy(web: Web) -> trio.SocketStream:
    """A client that takes next to nothing without reading it."""
    sock = trio.socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await sock.connect(("127.0.0.1", web.port))
    return trio.SocketStream(sock)


def status(answer: bytes) -> int:
    """The status of the first answer there is."""
    return int(answer.split(b" ", 2)[1])


def descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir()))


async def handshake(web: Web, trust: ssl.SSLContext) -> trio.SSLStream[trio.SocketStream]:
    """A client under TLS."""
    stream = trio.SSLStream(
        await web.connect(), trust, server_hostname="old.example", https_compatible=True
    )
    await stream.do_handshake()
    return stream
