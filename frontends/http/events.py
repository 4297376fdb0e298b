"""`GET /api/v2/events`: server-sent events of what happens, once it is durable."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Final

import trio

from engine.access import Principal, Right
from engine.directory.feed import Feed, Listener
from engine.events import Event, EventId, Filter
from engine.replies import Refused
from frontends.dialects import event_stream
from frontends.dialects.native_values import Unfit
from frontends.http.credentials import identify
from frontends.http.exchange import Answer, Headers, Request, Response, Stream, Write
from frontends.http.native import saying
from frontends.http.problems import NO_STORE, problem, refused
from frontends.http.site import Site
from frontends.observed import Observed

PATH: Final = "/api/v2/events"
QUIET: Final = 15.0
"""Seconds without an event after which something is sent all the same."""
AT_ONCE: Final = 500
"""Events in one piece of a stream."""
REMEMBERED: Final = 4_096
"""Encoded events kept for other readers of the same."""
TRY_LATER: Final = 429
"""Somebody else tries passwords from the same place; that is not this reader's fault."""
EVERY_GROUP: Final = "*"
HEADERS: Final[Headers] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    NO_STORE,
    (b"x-accel-buffering", b"no"),
)


class Events:
    """The dialect."""

    def __init__(self, site: Site, observed: Observed) -> None:
        """Answer for this server."""
        self._site = site
        self._feed: Feed = observed.feed
        self._encoded: dict[int, bytes] = {}

    async def answer(self, request: Request) -> Answer | None:
        """A stream, for whoever may read."""
        if request.path != PATH:
            return None
        if request.method != "GET":
            return problem("wrong-method", "this path takes GET", (b"allow", b"GET"))
        principal = await identify(self._site, request)
        if isinstance(principal, Response):
            return principal
        try:
            asked = self._asked(request, principal)
        except Unfit as error:
            return refused(Refused(error.code, str(error)))
        if isinstance(asked, Response):
            return asked
        return Stream(200, HEADERS, partial(self._run, request, principal, *asked))

    def _asked(
        self, request: Request, principal: Principal
    ) -> tuple[Filter, EventId | None] | Response:
        said = saying.query(request)
        group = saying.group(request, said)
        after = said.pop("last_event_id", [])
        header = request.headers.get(b"last-event-id")
        if header is not None:  # what a browser says when it comes back counts
            after = [header.decode("latin-1")]
        if len(after) > 1:
            raise Unfit("last_event_id: is given twice")
        known = self._site.groups() if principal.admin else tuple(principal.groups)
        if group is None and len(known) == 1:
            (group,) = known
        if group is None:
            return problem("group-non-selected", "name a group: header Jobyard-Group, or ?group=")
        if group == EVERY_GROUP:
            if not principal.admin:
                return problem("forbidden", "only an administrator can hear every group")
            group = None
        elif group not in known:
            return problem("unknown-group", "there is no such group")
        elif not principal.rights(group) & Right.READ:
            return problem("forbidden", "it takes the right to read")
        wanted = event_stream.wanted(said, group)
        return wanted, event_stream.place(after[0]) if after else None

    async def _run(
        self,
        request: Request,
        principal: Principal,
        wanted: Filter,
        after: EventId | None,
        write: Write,
    ) -> None:
        with self._feed.listen(wanted, after) as listener:
            await write(event_stream.opening(listener.start, gap=listener.gap))
            while await self._still_may(request, principal, write):
                if not await self._relay(listener, write):
                    return

    async def _relay(self, listener: Listener, write: Write) -> bool:
        """Pass events on for a while; False: nothing more comes."""
        quiet = True
        until = trio.current_time() + QUIET
        while trio.current_time() < until:
            events: Sequence[Event] | None = None
            with trio.move_on_at(until):
                events = await listener.next()
            if events is None:
                break
            if not events:
                await write(event_stream.cut("too-slow" if listener.cut else "stopping"))
                return False
            quiet = False
            for first in range(0, len(events), AT_ONCE):
                await write(self._piece(events[first : first + AT_ONCE]))
        if quiet:
            await write(event_stream.KEEP_ALIVE)
        return True

    async def _still_may(self, request: Request, principal: Principal, write: Write) -> bool:
        """Rights may be taken away while somebody listens."""
        found = await identify(self._site, request)
        if found == principal or (isinstance(found, Response) and found.status == TRY_LATER):
            return True
        await write(event_stream.cut("rights-changed"))
        return False

    def _piece(self, events: Sequence[Event]) -> bytes:
        """Each event is encoded once, however many read it."""
        encoded = self._encoded
        boot = self._feed.last.boot
        pieces = []
        for event in events:
            piece = encoded.get(event.number)
            if piece is None:
                piece = encoded[event.number] = event_stream.encode(event, boot)
            pieces.append(piece)
        if len(encoded) > REMEMBERED:
            for number in list(islice(encoded, REMEMBERED // 2)):
                del encoded[number]
        return b"".join(pieces)
