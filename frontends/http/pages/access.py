"""Who looks at a page and what they may do there; nobody else's page may act for them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast
from urllib.parse import quote

from attrs import frozen
from quart import Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from engine.access import EVERYTHING, Caller, Right, caller
from engine.events import EventId
from engine.replies import Refused
from frontends.http.pages.app import COOKIE, Pages
from frontends.http.pages.places import segment
from frontends.http.pages.sessions import Session
from frontends.http.problems import STATUS
from frontends.http.site import Site

P = ParamSpec("P")
R = TypeVar("R")
Answer = Response | AnyResponse
LIVE: Final = "HX-Request"
"""The header of requests for a part of a page that is open."""
SEE_OTHER: Final = 303
GROUP: Final = "Jobyard-Group"
"""The header that says which group an answer is of, written as in an address."""
MOVED_ON: Final = "Not done: that page was of another group, and you look at {} now."
PLAIN: Final = "/~!$&'()*+,;=:@"
"""What stands in a path as it is."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class RefusedPage(Exception):
    """The engine said no; the page that asked is answered with why."""

    def __init__(self, refusal: Refused) -> None:
        """Take what it said."""
        super().__init__(refusal.code)
        self.refusal = refusal

    @property
    def status(self) -> int:
        """The status over HTTP."""
        return STATUS[self.refusal.code]


@frozen
class Visitor:
    """Somebody logged in, in the group they selected."""

    app: Pages
    session: Session
    caller: Caller
    groups: Sequence[str]
    """Those they may select."""
    place: EventId | None = None
    """Where what is live goes on from; None: nothing is."""

    @property
    def site(self) -> Site:
        """The server."""
        return self.app.site

    @property
    def name(self) -> str:
        """The user's name."""
        return self.session.name

    @property
    def group(self) -> str:
        """The selected group; empty: there is none they may see."""
        return self.caller.group

    @property
    def admin(self) -> bool:
        """Whether they may do everything, in every group."""
        return self.caller.principal.admin

    @property
    def role(self) -> str:
        """What they are in this group, in a word."""
        if self.admin:
            return "administrator"
        if not self.caller.rights:
            return "no rights"
        return "read-only" if self.caller.rights == Right.READ else "member"

    def may(self, right: str) -> bool:
        """Whether they have a right here: `publish`, `work`, `read`, `manage` or `admin`."""
        return bool(self.caller.rights & Right[right.upper()])

    async def ask(self, command: object, expected: type[R]) -> R:
        """Run a command as this visitor.

        Raises:
            RefusedPage: the engine refused it; left alone, it becomes a page that says why.
        """
        reply = await self.site.engine.execute(self.caller, command)
        if isinstance(reply, Refused):
            raise RefusedPage(reply)
        assert isinstance(reply, expected), reply
        return reply

    async def act(self, command: object, done: str, back: str = "") -> Answer:
        """Run a command that changes something, then go back and say how it went.

        Args:
            command: refused, its reason is what is said.
            done: what is said else.
            back: where to; empty: what the form's field `back` says.
        """
        reply = await self.site.engine.execute(self.caller, command)
        if isinstance(reply, Refused):
            self.session.say(f"Not done: {reply.sentence}.", bad=True)
            return await self.back()
        self.session.say(done)
        return redirect(back, SEE_OTHER) if back else await self.back()

    async def back(self) -> Answer:
        """Go back to where the form was."""
        form = await request.form
        return redirect(self.app.places.own(form.get("back", "")), SEE_OTHER)


async def page(template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
    """A page as this visitor sees it; only its content when an open page asks for it anew."""
    app = visitor.app
    bare = LIVE in request.headers
    shown = {
        "visitor": visitor,
        "said": [] if bare else visitor.session.heard(),
        "here": here(),
        "section": request.path.split("/")[1],
        **values,
    }
    answer = html(app.renderer.render(template, shown, bare=bare), status)
    answer.headers[GROUP] = segment(visitor.group)
    return answer


def html(text: str, status: int = 200) -> Response:
    """A page that nobody keeps."""
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = LIVE
    return response


def signed_in(
    view: Callable[Concatenate[Visitor, P], Awaitable[Answer]],
) -> Callable[P, Awaitable[Answer]]:
    """Give a view its visitor; who is not logged in is sent to where that is done."""

    @wraps(view)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer:
        found = visitor()
        if found is None:
            return _to_login()
        if request.method == "POST" and not await _is_of(found.group):
            found.session.say(MOVED_ON.format(found.group), bad=True)
            return await found.back()
        return await view(found, *args, **kwargs)

    return guarded


def visitor() -> Visitor | None:
    """Whose request this is; None: nobody's who is logged in."""
    app = site_pages()
    key = request.cookies.get(COOKIE, "")
    session = app.sessions.peek(key) if LIVE in request.headers else app.sessions.find(key)
    if session is None:
        return None
    groups = visible_groups(app.site, session)
    if session.group not in groups:
        session.group = groups[0] if groups else ""
    observed = None if LIVE in request.headers else app.site.observed
    place = observed.feed.place() if observed else None  # before anything is read for the page
    return Visitor(app, session, _caller(session), groups, place)


def site_pages() -> Pages:
    """The application of this request."""
    return cast("Pages", cast("Any", current_app)._get_current_object())  # noqa: SLF001 - its API


def visible_groups(site: Site, session: Session) -> Sequence[str]:
    """The groups a user may select."""
    principal = session.principal
    known = site.groups()
    return [each for each in known if principal.admin or principal.rights(each)]


def _caller(session: Session) -> Caller:
    who = caller(session.principal, session.group)
    assert who.rights <= EVERYTHING
    return who


def here() -> str:
    """The address of this request, as a link to it is written."""
    path = f"{site_pages().places.prefix}{quote(request.path, safe=PLAIN)}"
    query = request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


async def _is_of(group: str) -> bool:
    """Whether the form that is sent was seen in that group; one that does not say so may be."""
    form = await request.form
    return bool(form.get("seen", group) == group)


def _to_login() -> Answer:
    if LIVE in request.headers:
        return Response("", 401)
    places = site_pages().places
    next_page = here() if request.method == "GET" and request.path != "/" else None
    return redirect(places.at("login", next=next_page), SEE_OTHER)


def crosses() -> bool:
    """Whether this request would change something, and another site's page made it."""
    if request.method in SAFE:
        return False
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host
