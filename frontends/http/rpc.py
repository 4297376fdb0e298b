"""JSON-RPC over HTTP: `POST /rpc`, each command of the table under its name, alone or in a batch.

Calls of a batch are run one after the other. Over HTTP nobody is connected: what is reserved is
held by the user, under its reservation.
"""

from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve, fields_dict

from engine.access import Principal, caller
from engine.commands import Release, Route
from engine.mailbox import Nobody
from engine.replies import Code, Granted, JobView, Refused
from frontends.dialects.answers import NO_GROUP, Denied
from frontends.dialects.jsonrpc import UNREADABLE, Call, Mistake, batch, read, refusal, success
from frontends.dialects.jsonrpc_commands import METHODS, Bound, bound, closed
from frontends.dialects.native_json import render
from frontends.dialects.native_values import Unfit
from frontends.engine_settings import default_policy
from frontends.http.credentials import identify
from frontends.http.exchange import Headers, Request, Response
from frontends.http.native import saying
from frontends.http.problems import NO_STORE, problem, refused
from frontends.http.site import Site

PATH: Final = "/rpc"
_JSON: Final[Headers] = ((b"content-type", b"application/json"), NO_STORE)
_UNKNOWN: Final = Denied("unknown-command", "there is no such method")
_NO_GROUP: Final = evolve(NO_GROUP, sentence="name a group: header Jobyard-Group, or ?group=")
_FOREIGN: Final = Denied("unknown-group", "there is no such group, or you have no rights in it")


class Rpc:
    """The dialect."""

    def __init__(self, site: Site) -> None:
        """Answer for this server."""
        self._site = site
        self._policy = default_policy(site.settings)

    async def answer(self, request: Request) -> Response | None:
        """Answer a call or a batch; notifications are answered with nothing."""
        if request.path != PATH:
            return None
        if request.method == "OPTIONS":
            return Response(204, headers=((b"allow", b"OPTIONS, POST"), NO_STORE))
        if request.method != "POST":
            return problem("wrong-method", "this path takes POST", (b"allow", b"OPTIONS, POST"))
        principal = await identify(self._site, request)
        if isinstance(principal, Response):
            return principal
        if not saying.has_json(request):
            return problem("wrong-content-type", "a body is application/json")
        try:
            group = saying.group(request, saying.query(request))
        except Unfit as error:
            return refused(Refused(error.code, str(error)))
        return await _Calls(self._site, principal, self._group(principal, group), self._policy).run(
            request.body
        )

    def _group(self, principal: Principal, said: str | None) -> str | Denied:
        known = self._site.groups() if principal.admin else tuple(principal.groups)
        if said is not None:
            return said if said in known else _FOREIGN
        return known[0] if len(known) == 1 else _NO_GROUP


class _Calls:
    """The calls of one request."""

    def __init__(self, site: Site, principal: Principal, group: str | Denied, policy: Any) -> None:
        self._site = site
        self._group = group
        self._who = caller(principal, group if isinstance(group, str) else "")
        self._policy = policy
        self._taken: list[JobView] = []
        """What is given back when the answer cannot be written."""

    async def run(self, body: bytes) -> Response:
        asked = read(body)
        if asked is None:
            return Response(200, UNREADABLE, _JSON)
        alone = not isinstance(asked, list)
        told = await self._all(asked if isinstance(asked, list) else [asked])
        if not told:
            return Response(204, headers=(NO_STORE,))
        undo = self._give_back if self._taken else None
        return Response(200, told[0] if alone else batch(told), _JSON, undo)

    async def _all(self, asked: Sequence[Call | Mistake]) -> list[bytes]:
        """What the calls are answered, but for notifications."""
        try:
            answers = [await self._one(one) for one in asked]
        except BaseException:
            self._give_back()  # nobody will hear of these jobs
            raise
        return [answer for answer in answers if answer is not None]

    async def _one(self, one: Call | Mistake) -> bytes | None:
        if isinstance(one, Mistake):
            return one.answer
        answer = await self._call(one)
        return None if one.is_notification else answer

    async def _call(self, call: Call) -> bytes:
        found = self._bound(call)
        if not isinstance(found, Bound):
            return refusal(call, found)
        reply = await self._site.engine.execute(self._who, found.command, found.request_id)
        if isinstance(reply, Refused):
            return refusal(call, reply)
        if isinstance(reply, Granted) and found.request_id is None:
            self._taken += reply.jobs
        return success(call, render(reply))

    def _bound(self, call: Call) -> Bound | Refused | Denied:
        settings = self._site.settings
        row = METHODS.get(call.method)
        if row is None:
            return _UNKNOWN
        denied = closed(row, test_mode=settings.test_mode, dispatch=settings.allow_dispatch)
        if denied is None and row.route is not Route.SERVER and isinstance(self._group, Denied):
            denied = self._group
        if denied is not None:
            return denied
        found = bound(call, row, self._policy)
        return found if isinstance(found, Refused) else self._waiting(found)

    def _waiting(self, found: Bound) -> Bound | Refused:
        """A command that may wait does so as long as one request may."""
        most = self._site.settings.http.wait
        wait = getattr(found.command, "wait", 0.0)
        if wait <= most:
            return found
        if wait == fields_dict(type(found.command))["wait"].default:
            return evolve(found, command=evolve(found.command, wait=most))
        return Refused(Code.INVALID_VALUE, f"wait: is {most:g} seconds at most over HTTP")

    def _give_back(self) -> None:
        for job in self._taken:
            self._site.engine.submit(self._who, Release(job.id, job.reservation), Nobody())
