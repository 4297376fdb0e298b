"""The doors of one server, and what publishes through each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, get_args

from attrs import evolve, frozen

from jobyard.client import Client
from jobyard.errors import BadArgument
from jobyard.http.address import WebAddress
from jobyard.http.client import HttpClient
from jobyard.simulation.json_rpc import JsonRpc
from jobyard.simulation.samples import Sample
from jobyard.url import Address

Door = Literal["tcp", "http", "rpc"]
DOORS: Final[tuple[Door, ...]] = get_args(Door)
Publish = Callable[[Sample], Awaitable[str]]
"""Adds a job and answers its id."""
_PATIENCE: Final = 5.0
"""Seconds that a call waits for a connection to come back."""


@frozen
class Server:
    """Where one server is, door by door; the user and the group are those of `lines`."""

    lines: Address
    http_port: int
    rpc_port: int

    @property
    def web(self) -> WebAddress:
        """Of HTTP."""
        lines = self.lines
        return WebAddress(
            lines.host, self.http_port, lines.tls, lines.user, lines.password, group=lines.group
        )

    @property
    def rpc(self) -> Address:
        """Of JSON-RPC, which is never encrypted."""
        return evolve(self.lines, port=self.rpc_port, tls=False)


@asynccontextmanager
async def opened(door: Door, server: Server, queue: str) -> AsyncIterator[Publish]:
    """Publish to a queue through a door.

    Raises:
        Unreachable: nobody answers there.
        Refusal: the login or the group was refused.
    """
    match door:
        case "rpc":
            async with JsonRpc(server.rpc) as rpc:
                yield lambda sample: rpc.publish(queue, sample.type, sample.payload)
        case "http":
            async with HttpClient(server.web, token="", patience=_PATIENCE) as web:
                yield _through(web, queue)
        case "tcp":
            async with Client(server.lines, patience=_PATIENCE) as lines:
                yield _through(lines, queue)


def _through(client: Client | HttpClient, queue: str) -> Publish:
    async def publish(sample: Sample) -> str:
        return (await client.publish(queue, sample.type, sample.payload)).job

    return publish


def doors(said: str) -> tuple[Door, ...]:
    """The doors of a list: `tcp,http,rpc`.

    Raises:
        BadArgument: there is no such door, or one is named twice.
    """
    named = said.split(",")
    found = tuple(door for door in DOORS if door in named)
    if len(found) != len(named):
        raise BadArgument(f"--through names some of {','.join(DOORS)}, each once")
    return found
