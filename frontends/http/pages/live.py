"""What changed, as it happens, for pages that are open: names only, a few times a second.

A page that hears a name asks for itself again, so nothing is told here that reading would not show.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec
import trio

from engine.access import Right
from engine.directory.feed import Feed
from engine.events import Event, EventId, Filter
from frontends.dialects import event_stream
from frontends.http.exchange import Answer, Headers, Request, Response, Stream, Write
from frontends.http.pages.app import Pages
from frontends.http.pages.sessions import Session
from frontends.http.problems import NO_STORE

PATH: Final = "/console/live"
PAUSE: Final = 0.5
"""Seconds between two messages, at least."""
QUIET: Final = 15.0
"""Seconds without a message after which a comment is sent."""
MOST: Final = 500
"""Names in one message; more are said as everything."""
HEADERS: Final[Headers] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    NO_STORE,
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)
EVERYTHING: Final = b'event: change\ndata: {"all":true,"queues":[],"jobs":[]}\n\n'


class Live:
    """The dialect of that one path; its session is the pages'."""

    def __init__(self, pages: Pages, feed: Feed) -> None:
        """Tell what this feed tells."""
        self._pages = pages
        self._feed = feed

    async def answer(self, request: Request) -> Answer | None:
        """A stream, for whoever is logged in and may read."""
        if self._pages.places.stripped(request.path) != PATH or request.method != "GET":
            return None
        session = self._pages.session_of(request)
        if session is None:
            return Response(401, b"", (NO_STORE,))
        if not session.principal.rights(session.group) & Right.READ:
            return Response(403, b"", (NO_STORE,))
        return Stream(200, HEADERS, partial(self._run, session, session.group, _after(request)))

    async def _run(self, session: Session, group: str, after: EventId | None, write: Write) -> None:
        with self._feed.listen(Filter(group=group), after) as listener:
            await write(event_stream.opening(listener.start, gap=listener.gap))
            while self._pages.sessions.peek(session.id) is session and session.group == group:
                events = None
                with trio.move_on_after(QUIET):
                    events = await listener.next()
                if events is None:
                    await write(b":\n\n")
                    continue
                if not events:
                    await write(EVERYTHING)
                    return
                place = b"id: %d-%d\n" % (self._feed.last.boot, events[-1].number)
                await write(place + message(events))
                await trio.sleep(PAUSE)


def _after(request: Request) -> EventId | None:
    """Where the page was read; what a browser says when it comes back counts more."""
    asked = request.query.removeprefix(b"after=")
    place = request.headers.get(b"last-event-id", asked).decode("latin-1")
    return event_stream.place(place) if place else None


def message(events: Iterable[Event]) -> bytes:
    """The names of what these events happened to, once each."""
    queues: set[str] = set()
    jobs: set[str] = set()
    for event in events:
        queues.add(event.queue)
        if event.job:
            jobs.add(event.job)
    if len(queues) + len(jobs) > MOST:
        return EVERYTHING
    said = {"all": False, "queues": sorted(queues), "jobs": sorted(jobs)}
    return b"event: change\ndata: " + msgspec.json.encode(said) + b"\n\n"
