"""A line server with toy sessions, its clients, and a password check that the test holds."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio
from attrs import define, field

from config.sections import Limits, LoginLimits
from config.users import Account
from frontends.certificate import Certificate
from frontends.lines.door import Door
from frontends.listening import bind
from frontends.login import Login
from frontends.tcp.server import LineServer, MakeSession, Wiring
from tests.frontends.tcp.rounds import PATIENCE
from tests.frontends.tcp.toy import Toy

BUFFER = 64 << 10
"""Bytes the system keeps for a socket: little enough that one who does not read shows soon."""
ACCOUNTS = (
    Account("ada", password="known"),
    Account("bob", password_hash="hash of bob's", rights={"mail": frozenset({"read"})}),
)


@define
class Served:
    """A running server and what a test needs to look into it."""

    server: LineServer
    login: Login
    address: tuple[str, int]
    tls_address: tuple[str, int]
    toys: list[Toy] = field(factory=list[Toy])
    clients: list[trio.SocketStream] = field(factory=list[trio.SocketStream])
    stops: list[str] = field(factory=list[str])
    may_verify: trio.Event = field(factory=trio.Event)
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    """Round the server's `run`."""
    ended: trio.Event = field(factory=trio.Event)

    async def connect(self) -> trio.SocketStream:
        """A plain client."""
        return await self._reach(self.address)

    async def connect_tls(self) -> trio.SocketStream:
        """A client of the TLS listener that has said nothing yet."""
        return await self._reach(self.tls_address)

    async def come(self) -> tuple[trio.SocketStream, Toy]:
        """A plain client that is let in."""
        known = len(self.toys)
        client = await self.connect()
        await until(lambda: len(self.toys) > known)
        return client, self.toys[known]

    async def _reach(self, address: tuple[str, int]) -> trio.SocketStream:
        sock = trio.socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        try:
            await sock.connect(address)
        except OSError:
            sock.close()
            raise
        client = trio.SocketStream(sock)
        self.clients.append(client)
        return client


async def until(condition: Callable[[], bool]) -> None:
    """Let the others run until it holds."""
    with trio.fail_after(PATIENCE):
        while not condition():
            await trio.lowlevel.checkpoint()


async def hear(client: trio.abc.ReceiveStream, size: int) -> bytes:
    """So many bytes of what a client is sent, or all until the end."""
    heard = bytearray()
    with trio.fail_after(PATIENCE):
        while len(heard) < size:
            chunk = await client.receive_some(size - len(heard))
            if not chunk:
                break
            heard += chunk
    return bytes(heard)


@asynccontextmanager
async def serve(
    limits: Limits | None = None,
    certificate: Certificate | None = None,
    make_session: MakeSession | None = None,
) -> AsyncIterator[Served]:
    """A server on ports of its own; closed at the end, whatever happened."""
    made: list[Served] = []

    async def verify(password_hash: str, password: str) -> bool:
        await made[0].may_verify.wait()
        if password == "crash":
            raise RuntimeError(password)
        return password_hash == f"hash of {password}"

    def open_session(door: Door, address: str, *, local: bool, encrypted: bool) -> Toy:
        toy = Toy(door, address, trio.current_time)
        toy.encrypted = encrypted
        made[0].toys.append(toy)
        return toy

    login = Login(ACCOUNTS, LoginLimits(), key=bytes(32), clock=trio.current_time, verify=verify)
    server = LineServer(
        Wiring(
            make_session or open_session,
            login,
            ["mail", "other"],
            lambda: made[0].stops.append("stop"),
            trio.current_time,
        ),
        limits or Limits(),
    )
    [listener] = await bind("127.0.0.1", 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    address = tls_address = listener.getsockname()
    server.listen(listener)
    if certificate is not None:
        [encrypted] = await bind("127.0.0.1", 0)
        encrypted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        tls_address = encrypted.getsockname()
        server.listen_tls(encrypted, certificate, 10.0)
    made.append(Served(server, login, address, tls_address))

    async def run(task_status: trio.TaskStatus[None]) -> None:
        with made[0].scope:
            await server.run(task_status=task_status)
        made[0].ended.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(run)
        yield made[0]
        nursery.cancel_scope.cancel()
    for client in made[0].clients:
        client.socket.close()
