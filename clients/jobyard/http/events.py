"""What happens on a server, as it happens; a connection that is lost goes on where it stopped."""

import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self
from urllib.parse import quote, urlencode

import anyio
import httpx
from attrs import evolve

from jobyard.errors import BadArgument, ProtocolError
from jobyard.http import sending
from jobyard.http.address import WebAddress
from jobyard.http.asking import Request
from jobyard.http.driving import drive
from jobyard.http.event_lines import Event, EventLines
from jobyard.http.hearing import Heard, error
from jobyard.http.paths import PREFIX
from jobyard.http.talking import Patience, Talker
from jobyard.words import names, text

QUIET: Final = 15.0
"""Seconds after which a server says something at the latest."""
_STREAM: Final = "text/event-stream"
_place: Final = re.compile(r"[0-9]{1,15}-[0-9]{1,15}").fullmatch


def stream_of(group: str, **filters: Sequence[str]) -> Request:
    """The request for a stream of those events that fit every filter."""
    pairs = [("group", group)] if group else []
    for name, values in filters.items():
        pairs += [(name, text(value).decode()) for value in names(values) or ()]
    query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
    return Request("GET", f"{PREFIX}/events{query}", wait=QUIET)


class Events:
    """`async for event in events`: one reader at a time."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        address: WebAddress,
        patience: Patience,
        request: Request,
        after: str | None = None,
    ) -> None:
        """Describe the stream; `start` opens it.

        Raises:
            BadArgument: `after` is the id of no event.
        """
        if after is not None and not _place(after):
            raise BadArgument("after: is the id of an event, as in 3-17")
        self._http = client
        self._address = address
        self._talker = Talker("", patience)
        self._waits = patience.backoff.waits
        self._pauses = self._waits()
        self._request = request
        self._lines = EventLines(after or "")
        self._ready = deque[Event]()
        self._response: httpx.Response | None = None
        self._pieces: AsyncIterator[bytes]
        self._opened = False

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> Event:
        """The next event; there is never a last one.

        Raises:
            Refusal: the server does not let us read any more.
            Unreachable: no connection came back in time.
        """
        while not self._ready:
            await self._more()
        self._pauses = self._waits()
        return self._ready.popleft()

    async def start(self) -> None:
        """Open the stream, and hear from where it goes.

        Raises:
            Refusal: a filter is wrong, or we may not read.
            Unreachable: no connection came in time.
        """
        await self._more()
        while not self._lines.last_id:
            await self._more()

    async def aclose(self) -> None:
        """Close the connection."""
        response, self._response = self._response, None
        if response is None:
            return
        with anyio.CancelScope(shield=True) as over:
            over.cancel()  # what reads the stream unwinds where it waits, and not when it is found
            async for _ in self._pieces:
                pass
        with anyio.CancelScope(shield=True):
            await response.aclose()

    async def _more(self) -> None:
        """Whatever comes next: events, a part of one, or the end of the connection."""
        if self._response is None:
            await self._open()
        whole = False
        try:
            piece = await anext(self._pieces)
            self._ready.extend(self._lines.feed(piece))
            whole = True
        except (StopAsyncIteration, httpx.TransportError):
            pass
        finally:
            if not whole:
                await self.aclose()

    async def _open(self) -> None:
        if self._opened:
            await anyio.sleep(next(self._pauses))
        self._opened = True
        request = self._request
        self._lines = EventLines(self._lines.last_id)
        if _place(self._lines.last_id):
            request = evolve(request, headers=(("last-event-id", self._lines.last_id),))
        heard = await drive(self._talker.until_answered(request, repeatable=True), self._begin)
        if heard.status != httpx.codes.OK:
            raise error(heard)

    async def _begin(self, request: Request) -> Heard:
        asked = self._http.build_request(**sending.arguments(request))
        try:
            response = await self._http.send(asked, stream=True)
            if response.status_code != httpx.codes.OK:
                await response.aread()
                return sending.heard(response)
        except httpx.TransportError as failed:
            raise sending.broken(failed, self._address) from failed
        self._response, self._pieces = response, response.aiter_raw()
        if not response.headers.get("content-type", "").startswith(_STREAM):
            await self.aclose()
            raise ProtocolError("the answer is no stream of events")
        return Heard(httpx.codes.OK)
