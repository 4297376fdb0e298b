"""JobEngine v1: `/api/v1/queue`, `/api/v1/job…`. A queue is opened by its access key."""

import hashlib
import hmac
from typing import Final

from engine.access import MEMBER, Caller, Principal, Right, caller
from engine.commands import (
    Delete,
    DeleteQueue,
    Describe,
    Get,
    Peek,
    Publish,
    PublishOptions,
    Reserve,
    SetAccess,
    WriteStatus,
)
from engine.replies import (
    Granted,
    Jobs,
    JobView,
    OneJob,
    Published,
    QueueView,
    Refused,
    Reply,
)
from frontends.dialects import jobengine_jobs as jobs
from frontends.dialects import jobengine_v1 as bodies
from frontends.dialects.jobengine_v0 import BadRequestError
from frontends.http.credentials import identify
from frontends.http.exchange import Request, Response, Speaks
from frontends.http.jobengine.responses import (
    BAD_REQUEST,
    CONFLICT,
    CREATED,
    EMPTY,
    NOT_ALLOWED,
    NOT_FOUND,
    NOTHING,
    UNAUTHORIZED,
    argument,
    handed_out,
    refused,
    told,
)
from frontends.http.site import Site

_TEST: Final = "/test"
_QUEUE: Final = "/api/v1/queue"
_JOB: Final = "/api/v1/job"
_NEXT: Final = "/api/v1/job/next"
_METHODS: Final = {
    _TEST: frozenset({"GET"}),
    _QUEUE: frozenset({"GET", "PUT", "DELETE"}),
    _JOB: frozenset({"GET", "PUT", "POST", "DELETE"}),
    _NEXT: frozenset({"GET"}),
}
_JSON: Final = ((b"content-type", b"application/json"),)
_UNKNOWN_PATH: Final = Response(
    404,
    b"404 page not found\n",
    (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
    ),
)


class JobEngineV1:
    """The dialect."""

    def __init__(self, site: Site) -> None:
        """Answer for this server."""
        self._site = site
        self._engine = site.engine
        self._settings = site.settings.jobengine
        self._group = site.settings.jobengine.group

    async def answer(self, request: Request) -> Response | None:
        """Answer, every path where the listener speaks nothing else."""
        methods = _METHODS.get(request.path)
        if methods is None:
            return _UNKNOWN_PATH if request.speaks is Speaks.V1 else None
        if request.method not in methods:
            return NOT_ALLOWED
        try:
            return await self._route(request)
        except BadRequestError:
            return BAD_REQUEST

    async def _route(self, request: Request) -> Response:
        match request.path, request.method:
            case "/test", _:
                return EMPTY
            case "/api/v1/queue", "PUT":
                return await self._create_queue(request)
            case "/api/v1/queue", "GET":
                return await self._show_queue(request)
            case "/api/v1/queue", _:
                return await self._delete_queue(request)
            case "/api/v1/job", "PUT":
                return await self._create(request)
            case "/api/v1/job", "POST":
                return await self._update(request)
            case "/api/v1/job", "GET":
                return await self._show(request)
            case "/api/v1/job", _:
                return await self._delete(request)
            case _:
                return await self._next(request)

    # -- who asks -----------------------------------------------------------------------------

    def _opened(self, request: Request, queue: str) -> Caller | Response:
        """Whoever has the key of the queue; 404 comes before 401."""
        access = self._engine.access(self._group, queue)
        if access is None or access.key is None:
            return NOT_FOUND
        said = self._engine.fingerprint(_sha512(request.headers[b"x-access-key"]))
        if not hmac.compare_digest(said, access.key):
            return UNAUTHORIZED
        return self._keeper(queue)

    def _keeper(self, queue: str) -> Caller:
        return caller(Principal(f"queue:{queue}", {self._group: MEMBER}), self._group)

    async def _may_create(self, request: Request) -> Response | None:
        """Anyone may on this machine, elsewhere only who logs in; None: go on."""
        if request.local or self._settings.open_queues:
            return None
        who = await identify(self._site, request)
        if isinstance(who, Response):
            return who
        if Right.MANAGE not in who.rights(self._group):
            return told(403, f"creating a queue needs the manage right in group {self._group}")
        return None

    # -- queues -------------------------------------------------------------------------------

    async def _create_queue(self, request: Request) -> Response:
        if not _is_json(request):
            return BAD_REQUEST
        new = bodies.new_queue(request.body)
        refusal = await self._may_create(request)
        if refusal is not None:
            return refusal
        if self._engine.access(self._group, new.name) is not None:
            return CONFLICT
        command = SetAccess(new.name, key_sha512=_sha512(new.access_key), new=True)
        reply = await self._engine.execute(self._keeper(new.name), command)
        return refused(reply) if isinstance(reply, Refused) else CREATED

    async def _show_queue(self, request: Request) -> Response:
        name = argument(request.query, "name")
        if not (name and _has_key(request)):
            return BAD_REQUEST
        who = self._opened(request, name)
        if isinstance(who, Response):
            return who
        command = Describe(name, self._site.settings.lines.listing_limit)
        reply = await self._engine.execute(who, command)
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, QueueView)
        found = jobs.in_order(reply.jobs or (), self._site.now())
        return Response(200, jobs.v1_queue(name, found), _JSON)

    async def _delete_queue(self, request: Request) -> Response:
        name = argument(request.query, "name")
        if not (name and _has_key(request)):
            return BAD_REQUEST
        who = self._opened(request, name)
        if isinstance(who, Response):
            return who
        reply = await self._engine.execute(who, DeleteQueue(name))
        return refused(reply) if isinstance(reply, Refused) else NOTHING

    # -- jobs ---------------------------------------------------------------------------------

    async def _create(self, request: Request) -> Response:
        if not (_has_key(request) and _is_json(request)):
            return BAD_REQUEST
        new = bodies.create(request.body)
        who = self._opened(request, new.queue)
        if isinstance(who, Response):
            return who
        content = jobs.payload(new.content)
        options = PublishOptions(
            priority=-new.priority,
            expires_at=jobs.expires_at(new.timeout_time),
            uuid4=True,
            policy=jobs.policy(new.keep_minutes, new.timeout_minutes),
        )
        reply = await self._engine.execute(who, Publish(new.queue, "", content, options))
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Published)
        return Response(201, jobs.v1_new(reply.job, content, new), _JSON)

    async def _update(self, request: Request) -> Response:
        if not (_has_key(request) and _is_json(request)):
            return BAD_REQUEST
        said = bodies.update(request.body)
        who = self._opened(request, said.queue)
        if isinstance(who, Response):
            return who
        command = WriteStatus(
            said.queue,
            said.uid,
            said.state,  # type: ignore[arg-type] # one of WRITES
        )
        reply = await self._engine.execute(who, command)
        return refused(reply) if isinstance(reply, Refused) else EMPTY

    async def _show(self, request: Request) -> Response:
        found = await self._found(request)
        return found if isinstance(found, Response) else Response(200, jobs.v1(found[1]), _JSON)

    async def _delete(self, request: Request) -> Response:
        found = await self._found(request)
        if isinstance(found, Response):
            return found
        who, job = found
        reply = await self._engine.execute(who, Delete(job.id))
        return refused(reply) if isinstance(reply, Refused) else NOTHING

    async def _found(self, request: Request) -> tuple[Caller, JobView] | Response:
        """The job that a query names, if it is one of the queue that it names."""
        queue, uid = argument(request.query, "queueName"), argument(request.query, "jobUID")
        if not (queue and uid and _has_key(request)):
            return BAD_REQUEST
        who = self._opened(request, queue)
        if isinstance(who, Response):
            return who
        reply = await self._engine.execute(who, Get(uid))
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, OneJob)
        if reply.job.queue != queue or not jobs.is_shown(reply.job, self._site.now()):
            return NOT_FOUND
        return who, reply.job

    async def _next(self, request: Request) -> Response:
        queue = argument(request.query, "queueName")
        if not (queue and _has_key(request)):
            return BAD_REQUEST
        who = self._opened(request, queue)
        if isinstance(who, Response):
            return who
        if argument(request.query, "markQueued").lower() == "true":
            return self._taken(who, await self._engine.execute(who, Reserve(queue)))
        reply = await self._engine.execute(who, Peek(queue))
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Jobs)
        return Response(200, jobs.v1(reply.jobs[0]), _JSON) if reply.jobs else NOTHING

    def _taken(self, who: Caller, reply: Reply) -> Response:
        if isinstance(reply, Refused):
            return refused(reply)
        assert isinstance(reply, Granted)
        if not reply.jobs:
            return NOTHING
        (job,) = reply.jobs
        return handed_out(self._engine, who, job, jobs.v1(job), _JSON)


def _has_key(request: Request) -> bool:
    return bool(request.headers.get(b"x-access-key"))


def _is_json(request: Request) -> bool:
    """Exactly this: a parameter behind it is refused."""
    return request.headers.get(b"content-type") == b"application/json"


def _sha512(key: bytes) -> str:
    return hashlib.sha512(key).hexdigest()
