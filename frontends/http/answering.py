"""One request and its answer, between hypercorn's protocol and an ASGI application."""

from collections.abc import Awaitable, Callable

import trio
from hypercorn.protocol.events import Event, StreamClosed
from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream
from hypercorn.typing import ASGISendEvent

from frontends.http.exchange import Headers
from frontends.http.tasks import Gone

SendWhole = Callable[["Exchange", int, Headers, bytes], Awaitable[None]]


class Exchange(HTTPStream):
    """A request and its answer, which is sent whole or not at all, whoever is cancelled."""

    flush: Callable[[], Awaitable[None]]
    send_whole: SendWhole

    async def handle(self, event: Event) -> None:
        """Tell the application what happens, but nothing after its answer."""
        if isinstance(event, StreamClosed) and self.state is ASGIHTTPState.CLOSED:
            self.closed = True
        else:
            await super().handle(event)

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer in one piece, past the messages of ASGI.

        Raises:
            Gone: it cannot be sent.
        """
        if self.closed:
            raise Gone
        await self.send_whole(self, status, headers, body)

    async def app_send(self, message: ASGISendEvent | None) -> None:
        """Send a part of the answer.

        Raises:
            Gone: it cannot be sent.
        """
        if self.closed and message is not None:
            raise Gone
        with trio.CancelScope(shield=True):
            await super().app_send(message)
            if message is not None and message["type"] == "http.response.body":
                await self.flush()
                await trio.lowlevel.checkpoint()  # others have their turn, however fast it goes out
