"""Several listeners of one server: each in its own dialect, stopped together."""

import pytest
import trio
import trio.testing

from frontends.http.exchange import Dialect, Request, Response, Speaks
from frontends.http.server import HttpServer
from frontends.listening import bind
from tests.frontends.http.web import Web, running, site


class Named:
    """Says which listener asked."""

    async def answer(self, request: Request) -> Response:
        return Response(200, request.speaks.value.encode())


async def test_every_listener_answers_its_own_dialect_until_all_stop() -> None:
    dialects: tuple[Dialect, ...] = (Named(),)
    server = HttpServer(site(), lambda _site, _speaks: dialects)
    ports: dict[Speaks, int] = {}
    for speaks in Speaks:
        sockets = await bind("127.0.0.1", 0)
        server.listen(sockets, speaks)
        ports[speaks] = sockets[0].getsockname()[1]
        last = sockets[0]
    async with running(server, last):
        for speaks, port in ports.items():
            heard = await Web(server, port).get("/anything")
            assert heard.endswith(speaks.value.encode()), speaks
        server.stop_accepting()
        await trio.testing.wait_all_tasks_blocked()
        for port in ports.values():
            with pytest.raises(OSError, match="attempts"):
                await trio.open_tcp_stream("127.0.0.1", port)
