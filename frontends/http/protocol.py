"""HTTP/1.1 of one connection: hypercorn's, strict where it is lenient, and never anything else.

A request reaches its application when it is whole and fit, so no handler waits for a body, and no
connection changes its protocol. Nothing here touches the socket.
"""

from collections.abc import Awaitable, Callable, Iterable
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, cast

import h11
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Body, EndBody, Request
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import Response as ResponseHead
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import ASGIHTTPState
from hypercorn.typing import (
    AppWrapper,
    ConnectionState,
    H11SendableEvent,
    TaskGroup,
)
from hypercorn.utils import suppress_body

from frontends.http.answering import Exchange
from frontends.http.exchange import Headers
from frontends.http.heads import (
    CROWDED,
    TOO_LARGE,
    TRAILED,
    UNREADABLE,
    Refusal,
    wrong_head,
    wrong_lines,
)
from frontends.http.load import Ends, Entrance, Load
from frontends.http.tasks import WHOLE, Gone, Tasks

REASONS: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
ONE: Final = 1
"""The number of every exchange: there is one at a time."""


class Phase(Enum):
    """What a connection waits for; each phase has its own deadline."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()


class Protocol(H11Protocol):
    """What hypercorn does with one connection, less everything that must not happen."""

    connection: h11.Connection

    def __init__(
        self,
        entrance: Entrance,
        load: Load,
        tasks: Tasks,
        ends: Ends,
        expect: Callable[[Phase], None],
        send: Callable[[Event], Awaitable[None]],
    ) -> None:
        """Begin a connection.

        Args:
            entrance: what its listener leads to.
            load: what all connections share.
            tasks: where applications run.
            ends: who talks to whom.
            expect: told what is waited for.
            send: takes bytes (raises `Gone` when it cannot), and the end of the connection.
        """
        super().__init__(
            cast("AppWrapper", entrance.application), load.config, load.context,
            cast("TaskGroup", tasks), ConnectionState({}),
            ends.encrypted, ends.client, ends.server, send,
        )  # fmt: skip
        self._load = load
        self._names = entrance.names
        self._expect = expect
        self.paused = False
        """More was sent than is answered; `handle` it when the answer is out."""
        self._request: h11.Request | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._size = 0
        self._held = b""

    async def handle(self, event: Event) -> None:
        """Take bytes (none: go on with those there are), or the end of the connection."""
        self.paused = False
        if isinstance(event, RawData) and not event.data:
            await self._handle_events()
        else:
            await super().handle(event)
        if isinstance(event, Closed):
            self._release()
        elif self.connection.their_state is h11.IDLE:
            begun = bool(self.connection.trailing_data[0])
            self._expect(Phase.HEAD if begun else Phase.IDLE)
        elif self.connection.their_state is h11.SEND_BODY:
            self._expect(Phase.BODY)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer in place of an application, if that is still possible, and end the connection."""
        self._load.counters.turned_away += 1
        self._release()
        if self.connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            response = refusal.response
            headers = [
                *response.headers,
                (b"content-length", b"%d" % len(response.body)),
                (b"connection", b"close"),
                *self.config.response_headers("h11"),
            ]
            head = b"HTTP/1.1 %d %s\r\n" % (refusal.status, REASONS[refusal.status])
            head += b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n"
            bodiless = self._request is not None and self._request.method == b"HEAD"
            # Not by way of h11, which would take this for an answer to the request before.
            await self.send(RawData(data=head if bodiless else head + response.body))
        await self.send(Closed())

    async def flush(self) -> None:
        """Send what was held back to go out in one piece.

        Raises:
            Gone: it cannot be sent.
        """
        if self._held:
            data, self._held = self._held, b""
            await self.send(RawData(data=data))

    async def stream_send(self, event: StreamEvent) -> None:
        """Send a part of an answer."""
        if isinstance(event, ResponseHead):
            await self._send_h11_event(self._head(event.status_code, event.headers))
        else:
            await super().stream_send(event)

    async def send_whole(
        self, exchange: Exchange, status: int, headers: Headers, body: bytes
    ) -> None:
        """Send an answer with a body of its length, and be ready for the next request.

        Raises:
            Gone: it cannot be sent.
        """
        send = self.connection.send
        data = send(self._head(status, headers)) or b""
        if body and not suppress_body(exchange.scope["method"], status):
            data += send(h11.Data(data=body)) or b""
        data += send(h11.EndOfMessage()) or b""
        exchange.state = ASGIHTTPState.CLOSED
        await self.send(RawData(data=data))
        await self._maybe_recycle()

    def _head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> h11.Response:
        said = [*headers, *self.config.response_headers("h11")]
        if self.context.terminated.is_set():
            said.append((b"connection", b"close"))
        return h11.Response(status_code=status, headers=said, reason=REASONS.get(status, b""))

    async def _handle_events(self) -> None:
        while True:
            match self._next_event():
                case Refusal() as refusal:
                    await self.refuse(refusal)
                    return
                case h11.Request() as request:
                    self._request = request
                    await self._continue()
                case h11.EndOfMessage():
                    await self._begin(cast("h11.Request", self._request))
                case h11.PAUSED:
                    self.paused = True
                    if len(self.connection.trailing_data[0]) > self._load.bounds.head:
                        raise Gone
                    return
                case h11.Data():
                    pass
                case _:
                    return

    def _next_event(self) -> object:
        """The next event of h11, or why there is none."""
        connection = self.connection
        if connection.their_state is h11.IDLE:
            self._request = None
            wrong = wrong_lines(connection.trailing_data[0], self._load.bounds.head)
            if wrong is not None:
                return wrong
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            hint = error.error_status_hint
            return Refusal(hint, UNREADABLE.code, UNREADABLE.sentence)
        if isinstance(event, h11.Request):
            self._headers = list(event.headers)
            longest = self._load.bounds.body
            return wrong_head(event, self._headers, longest, self._names) or event
        if isinstance(event, h11.Data):
            return self._take(event.data) or event
        if isinstance(event, h11.EndOfMessage) and event.headers:
            return TRAILED
        return event

    def _take(self, data: bytes | bytearray) -> Refusal | None:
        self._size += len(data)
        self._load.in_flight += len(data)
        self._pieces.append(bytes(data))
        if self._size > self._load.bounds.body:
            return TOO_LARGE
        return CROWDED if self._load.in_flight > self._load.bounds.in_flight else None

    def _release(self) -> None:
        self._load.in_flight -= self._size
        self._size = 0
        self._pieces.clear()

    async def _continue(self) -> None:
        if self.connection.they_are_waiting_for_100_continue:
            await self._send_h11_event(h11.InformationalResponse(status_code=100, headers=[]))

    async def _begin(self, request: h11.Request) -> None:
        """Start the application of a request that is whole."""
        self._load.counters.requests += 1
        self._expect(Phase.ANSWER)
        await self.send(Updated(idle=False))
        exchange = Exchange(
            self.app, self.config, self.context, self.task_group, self.ssl,
            self.client, self.server, self.stream_send, ONE,
        )  # fmt: skip
        exchange.flush = self.flush
        exchange.send_whole = self.send_whole
        self.stream = exchange
        await exchange.handle(
            Request(
                stream_id=ONE,
                headers=self._headers,
                http_version=request.http_version.decode("ascii"),
                method=request.method.decode("ascii").upper(),
                raw_path=request.target,
                state=self.connection_state,
            )
        )
        cast("dict[str, Any]", exchange.scope["extensions"])[WHOLE] = exchange.answer
        if self._pieces:
            await exchange.handle(Body(stream_id=ONE, data=b"".join(self._pieces)))
            self._pieces.clear()
        await exchange.handle(EndBody(stream_id=ONE))

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        try:
            data = self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state is not h11.ERROR:
                raise
            return
        self._held += data or b""
        if not isinstance(event, h11.Response):
            await self.flush()

    async def _close_stream(self) -> None:
        self._release()
        await super()._close_stream()

    async def _maybe_recycle(self) -> None:
        await self.flush()
        await super()._maybe_recycle()
