"""The ASGI application of a listener: dialects first, then pages, then nobody's 404."""

from collections.abc import Awaitable, Callable, MutableSet, Sequence
from typing import Any, Final, Protocol

import trio
from hypercorn.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)

from frontends.guard import report
from frontends.http.exchange import Answer, Dialect, Headers, Request, Response, Speaks, Stream
from frontends.http.heads import Refusal
from frontends.http.origins import Origins
from frontends.http.tasks import GONE, LISTENS, LOCAL, WHOLE, Gone
from frontends.listening import written

NOT_FOUND: Final = Response(
    404,
    b"404 page not found\n",
    (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
    ),
)
"""What Go answers, which is what clients of the originals know."""
FAILED: Final = Refusal(500, "internal", "The server made a mistake; its log says where.")
Whole = Callable[[int, Headers, bytes], Awaitable[None]]
BODILESS: Final = frozenset({204, 304})


class Pages(Protocol):
    """The application that has everything for browsers."""

    def knows(self, request: Request) -> bool:
        """Whether it answers that."""

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Serve it, as ASGI says."""


class Application:
    """One kind of listener, as ASGI sees it."""

    def __init__(
        self,
        dialects: Sequence[Dialect],
        speaks: Speaks,
        pages: Pages | None,
        origins: Origins | None,
        *,
        streams: MutableSet[trio.CancelScope],
        local: bool,
    ) -> None:
        """Take what it is made of.

        Args:
            dialects: asked in this order.
            speaks: what requests are told they are to speak.
            pages: asked after the dialects; None: nobody is.
            origins: which pages of other sites may call; None: nobody looks.
            streams: where the scopes of open streams are found by whoever stops the server.
            local: the listener is bound where only this machine reaches it.
        """
        self._dialects = tuple(dialects)
        self._speaks = speaks
        self._pages = pages
        self._origins = origins
        self._streams = streams
        self._local = local

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Serve one request."""
        assert scope["type"] == "http"
        body = await _whole(receive)
        request = self._request(scope, body)
        answer: Answer | None = None
        if self._origins is not None:
            answer = self._origins.judge(request)
        extensions: dict[str, Any] = scope["extensions"]
        gone: trio.CancelScope = extensions[GONE]
        whole: Whole = extensions[WHOLE]
        with gone:
            answer = answer or await self._ask(request)
            if isinstance(answer, Stream):
                await self._stream(request, answer, send)
        if isinstance(answer, Stream):
            await _body(send, b"", more=False)
        elif answer is not None and answer.undo is not None and not extensions[LISTENS]():
            answer.undo()  # what was taken must not be told to nobody
            raise Gone
        elif answer is not None:
            await self._send(request, answer, whole)
        elif self._pages and self._pages.knows(request):
            extensions[LOCAL] = self._local
            await self._pages(scope, _again(body, receive), send)
        elif not gone.cancelled_caught:
            await self._send(request, NOT_FOUND, whole)

    async def _ask(self, request: Request) -> Answer | None:
        for dialect in self._dialects:
            try:
                answer = await dialect.answer(request)
            except Exception as error:  # noqa: BLE001 - the guard: a bug is an answer of its own
                report(request.address, error)
                return FAILED.response
            if answer is not None:
                return answer
        return None

    async def _send(self, request: Request, answer: Response, whole: Whole) -> None:
        headers = self._shared(request, answer)
        body = b"" if answer.status in BODILESS else answer.body
        if answer.status not in BODILESS:
            headers = (*headers, (b"content-length", b"%d" % len(body)))
        try:
            await whole(answer.status, headers, body)
        except Exception:
            if answer.undo is not None:
                answer.undo()
            raise

    async def _stream(self, request: Request, stream: Stream, send: ASGISendCallable) -> None:
        async def write(piece: bytes) -> None:
            await _body(send, piece, more=True)

        await _start(send, stream.status, self._shared(request, stream))
        await write(b"")
        with trio.CancelScope() as stopping:
            self._streams.add(stopping)
            try:
                await stream.run(write)
            finally:
                self._streams.discard(stopping)

    def _shared(self, request: Request, answer: Answer) -> Headers:
        if self._origins is None:
            return answer.headers
        return self._origins.allow(request, answer.headers)

    def _request(self, scope: HTTPScope, body: bytes) -> Request:
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers[name] = headers[name] + b", " + value if name in headers else value
        client = scope["client"]
        assert client is not None
        return Request(
            method=scope["method"],
            path=scope["path"],
            raw_path=scope["raw_path"],
            query=scope["query_string"],
            headers=headers,
            body=body,
            address=written(client[0], client[1] or 0),
            local=self._local,
            encrypted=scope["scheme"] == "https",
            speaks=self._speaks,
        )


async def _start(send: ASGISendCallable, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _body(send: ASGISendCallable, piece: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": more})


async def _whole(receive: ASGIReceiveCallable) -> bytes:
    pieces = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        pieces.append(message["body"])
        if not message["more_body"]:
            return b"".join(pieces)


def _again(body: bytes, receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """Tell the same body to the next application, then what comes after it."""
    told = False

    async def tell() -> ASGIReceiveEvent:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return tell
