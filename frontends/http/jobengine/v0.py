"""JobEngine v0.0.1: `/api/v1/jobs…`. Who asks is a name that the queue's lists know."""

from html import escape
from typing import Final
from urllib.parse import quote

from attrs import frozen

from engine.access import Caller, Principal, Right, caller
from engine.commands import Describe, Publish, PublishOptions, Reserve, WriteStatus
from engine.queue_access import QueueAccess
from engine.replies import Granted, Ok, Published, QueueView, Refused
from frontends.dialects import jobengine_jobs as jobs
from frontends.dialects import jobengine_v0 as bodies
from frontends.http.exchange import Request, Response, Speaks
from frontends.http.jobengine.responses import (
    BAD_REQUEST,
    EMPTY,
    FORBIDDEN,
    NOT_FOUND,
    NOTHING,
    handed_out,
    refused,
    told,
)
from frontends.http.site import Site

_TEST: Final = "/api/v1/test"
_JOBS: Final = "/api/v1/jobs"
_GET: Final = frozenset({_TEST, _JOBS, f"{_JOBS}/next"})
_JSON: Final = ((b"content-type", b"application/json; charset=utf-8"),)
_UNKNOWN_PATH: Final = Response(404, b"404 page not found", ((b"content-type", b"text/plain"),))
_READ: Final = Right.READ | Right.WORK
_WRITE: Final = Right.PUBLISH | Right.MANAGE


@frozen
class _Asker:
    """Who asks, about which queue."""

    name: str
    queue: str
    access: QueueAccess

    @property
    def reads(self) -> bool:
        return self.name in self.access.readers

    @property
    def writes(self) -> bool:
        return self.name in self.access.writers


class JobEngineV0:
    """The dialect."""

    def __init__(self, site: Site) -> None:
        """Answer for this server."""
        self._site = site
        self._engine = site.engine
        self._settings = site.settings.jobengine
        self._group = site.settings.jobengine.group

    async def answer(self, request: Request) -> Response | None:
        """Answer, every path where the listener speaks nothing else."""
        method, path = request.method, request.path
        if path not in {_TEST, _JOBS} and not path.startswith((f"{_TEST}/", f"{_JOBS}/")):
            return _UNKNOWN_PATH if request.speaks is Speaks.V0 else None
        if not _is_route(method, path):
            bare = path.removesuffix("/")
            return _moved(request, bare) if _is_route(method, bare) else _UNKNOWN_PATH
        if path == _TEST:
            return EMPTY
        asker = self._asker(request)
        if isinstance(asker, Response):
            return asker
        match method:
            case "PUT":
                return await self._create(request, asker)
            case "POST":
                return await self._update(request, asker)
            case _ if path == _JOBS:
                return await self._list(request, asker)
            case _:
                return await self._next(asker)

    # -- who asks -----------------------------------------------------------------------------

    def _asker(self, request: Request) -> _Asker | Response:
        name = request.headers.get(b"x-name", b"").decode("utf-8", "replace")
        queue = request.headers.get(b"x-queue", b"").decode("utf-8", "replace")
        if not name or not queue:
            return BAD_REQUEST
        if not (request.local or self._settings.trust_names):
            return told(
                403, "X-Name is a name and no proof: other machines need jobengine.trust_names"
            )
        access = self._engine.access(self._group, queue)
        asker = None if access is None else _Asker(name, queue, access)
        if asker is None or not (asker.reads or asker.writes):
            return NOT_FOUND
        return asker

    def _caller(self, asker: _Asker) -> Caller:
        """Somebody with the rights that the queue's lists give."""
        rights = (_READ if asker.reads else Right(0)) | (_WRITE if asker.writes else Right(0))
        return caller(Principal(asker.name, {self._group: rights}), self._group)

    # -- what is asked ------------------------------------------------------------------------

    async def _create(self, request: Request, asker: _Asker) -> Response:
        if not asker.writes:
            return NOT_FOUND
        if not _is_json(request):
            return BAD_REQUEST
        try:
            new = bodies.create(request.body)
        except bodies.BadRequestError:
            return BAD_REQUEST
        content = jobs.payload(new.content)
        options = PublishOptions(
            priority=-new.priority,
            time_to_live=float(new.valid_for),
            uuid4=True,
            policy=jobs.policy(self._settings.keep_minutes, self._settings.timeout_minutes),
        )
        command = Publish(asker.queue, "", content, options)
        reply = await self._engine.execute(self._caller(asker), command)
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Published)
        body = jobs.v0_new(reply.job, content, new.priority, new.valid_for)
        return Response(201, body, _JSON)

    async def _update(self, request: Request, asker: _Asker) -> Response:
        if not asker.writes:
            return FORBIDDEN
        if not _is_json(request):
            return BAD_REQUEST
        try:
            said = bodies.update(request.body)
        except bodies.BadRequestError:
            return BAD_REQUEST
        command = WriteStatus(
            asker.queue,
            request.path.removeprefix(f"{_JOBS}/"),
            said.state,  # type: ignore[arg-type] # one of WRITES
            None if said.content is None else jobs.payload(said.content),
            None if said.priority is None else -said.priority,
            said.timeout_time,
        )
        reply = await self._engine.execute(self._caller(asker), command)
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Ok)
        return EMPTY

    async def _list(self, request: Request, asker: _Asker) -> Response:
        if not asker.reads:
            return FORBIDDEN
        wanted = request.headers.get(b"x-status-filter") or None
        if wanted is not None and wanted not in jobs.STATES.values():
            return BAD_REQUEST
        command = Describe(asker.queue, self._site.settings.lines.listing_limit)
        reply = await self._engine.execute(self._caller(asker), command)
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, QueueView)
        shown = jobs.v0_list(jobs.in_order(reply.jobs or (), self._site.now()), wanted)
        return Response(200, shown, _JSON) if shown else NOTHING

    async def _next(self, asker: _Asker) -> Response:
        if not asker.reads:
            return FORBIDDEN
        who = self._caller(asker)
        reply = await self._engine.execute(who, Reserve(asker.queue))
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Granted)
        if not reply.jobs:
            return NOTHING
        (job,) = reply.jobs
        return handed_out(self._engine, who, job, jobs.v0(job), _JSON)


def _is_route(method: str, path: str) -> bool:
    match method:
        case "GET":
            return path in _GET
        case "PUT":
            return path == f"{_JOBS}/create"
        case "POST":
            job = path.removeprefix(f"{_JOBS}/")
            return job not in {path, ""} and "/" not in job
        case _:
            return False


def _is_json(request: Request) -> bool:
    """A type of `application/json`, with parameters or without, as gin looks at it."""
    said = request.headers.get(b"content-type", b"")
    return said.replace(b";", b" ").partition(b" ")[0] == b"application/json"


def _moved(request: Request, path: str) -> Response:
    """What gin answers to a slash too many."""
    query = f"?{request.query.decode('latin-1')}" if request.query else ""
    place = quote(path) + quote(query, safe="%/:=&?;,+$!*'()@~")
    if request.method != "GET":
        return Response(307, b"", ((b"location", place.encode()),))
    page = f'<a href="{escape(place)}">Moved Permanently</a>.\n\n'
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"location", place.encode()),
    )
    return Response(301, page.encode(), headers)
