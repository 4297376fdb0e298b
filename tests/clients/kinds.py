"""Every kind of client, asked in one way: what they promise is written once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from anyio import to_thread

from jobyard import BlockingClient, BlockingHttpClient, Client, HttpClient
from jobyard.testing import VirtualEngine
from tests.acceptance.served import GROUP, PASSWORD, USER, Server
from tests.clients.loops import under

Body = Callable[[Any], Awaitable[None]]
KINDS: Final = {
    "lines-trio": "trio",
    "lines-asyncio": "asyncio",
    "lines-blocking": "trio",
    "http-trio": "trio",
    "http-asyncio": "asyncio",
    "http-blocking": "trio",
    "virtual": "trio",
}
"""Door and loop; those that block are asked in threads."""


def http_port(server: Server) -> int:
    said = server.log.event("serving")
    assert said is not None
    return int(said["http"][0].rpartition(":")[2])


def lines_url(server: Server) -> str:
    return f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"


def http_url(server: Server, group: str = GROUP) -> str:
    return f"http://{USER}:{PASSWORD}@127.0.0.1:{http_port(server)}/?group={quote(group)}"


class InThreads:
    """A client that blocks, with methods that are awaited."""

    def __init__(self, blocking: Any) -> None:
        self._blocking = blocking

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._blocking, name)

        async def ask(*args: Any, **options: Any) -> Any:
            return await to_thread.run_sync(partial(method, *args, **options))

        return ask


@contextmanager
def _virtual() -> Iterator[VirtualEngine]:
    with VirtualEngine() as engine:
        yield engine


@asynccontextmanager
async def _blocking(made: AbstractContextManager[Any]) -> AsyncIterator[InThreads]:
    with made as client:
        yield InThreads(client)


def run(kind: str, server: Server, body: Body) -> None:
    """The body with a client of that kind."""

    def client() -> Any:
        match kind.partition("-")[::2]:
            case "virtual", _:
                return _blocking(_virtual())
            case "lines", "blocking":
                return _blocking(BlockingClient(lines_url(server)))
            case "http", "blocking":
                return _blocking(BlockingHttpClient(http_url(server)))
            case "lines", _:
                return Client(lines_url(server))
            case _:
                return HttpClient(http_url(server))

    async def asked() -> None:
        async with client() as made:
            await body(made)

    under(KINDS[kind], asked)
