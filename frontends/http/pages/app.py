"""The Quart application of one server, and what its pages share."""

from types import TracebackType
from typing import Final

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart_trio import QuartTrio
from werkzeug.exceptions import HTTPException, NotFound

from engine.source import Source
from frontends.guard import report
from frontends.http.bounds import bounds
from frontends.http.exchange import Request
from frontends.http.pages.places import NameConverter, NumberConverter, Places
from frontends.http.pages.rendering import Renderer
from frontends.http.pages.sessions import Session, Sessions
from frontends.http.pages.standings import Standings
from frontends.http.site import Site

COOKIE: Final = "jobyard"
ErrorInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class Pages(QuartTrio):
    """The pages of one server."""

    def __init__(self, site: Site) -> None:
        """Prepare, without a page."""
        super().__init__("frontends.http.pages", static_folder=None)
        largest = bounds(site.settings).body
        self.config.update(
            MAX_CONTENT_LENGTH=largest,
            MAX_FORM_MEMORY_SIZE=largest,
            RESPONSE_TIMEOUT=None,
            BODY_TIMEOUT=None,
        )
        self.url_map.converters.update(name=NameConverter, int=NumberConverter)
        self.url_map.merge_slashes = False
        self.url_map.strict_slashes = False
        self.site = site
        self.places = Places(site.settings.http.prefix)
        self.sessions = Sessions(
            site.login, idle=site.settings.http.session, now=site.now, secret=Source().secret
        )
        self.renderer = Renderer(site, self.places)
        self.standings = None if site.observed is None else Standings(site.observed)

    def log_exception(self, exception_info: ErrorInfo) -> None:
        """Say what broke and where, without a word of the request's."""
        if exception_info[1] is not None:
            report("", exception_info[1])

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Serve, with or without the prefix that a proxy may have taken away."""
        if scope["type"] == "http":
            scope["path"] = self.places.stripped(scope["path"])
        await super().__call__(scope, receive, send)

    def knows(self, request: Request) -> bool:
        """Whether it answers: it has a page there, or whoever asks is logged in and reads."""
        try:
            path = self.places.stripped(request.path)
            self.url_map.bind("localhost").match(path, request.method)
        except NotFound:
            reads = request.method == "GET" and b"text/html" in request.headers.get(b"accept", b"")
            return reads and self.session_of(request) is not None
        except HTTPException:
            return True
        return True

    def session_of(self, request: Request) -> Session | None:
        """The session whose cookie a request has; looking is not using it."""
        key = cookie(request.headers.get(b"cookie", b"").decode("latin-1"))
        return self.sessions.peek(key)


def cookie(header: str) -> str:
    """The value of the console's cookie; empty: there is none."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""
