"""The dialect: a request's path, who asks, in which group, what they say, and what is answered."""

import re
from typing import Final

from attrs import evolve

from engine.access import Principal, caller
from engine.replies import Refused
from frontends.dialects.native_values import Unfit
from frontends.engine_settings import default_policy
from frontends.http.credentials import identify
from frontends.http.exchange import Request, Response
from frontends.http.native import saying
from frontends.http.native.path import PREFIX, Ask
from frontends.http.native.routing import Found, Routes, WrongMethod
from frontends.http.native.table import PATHS
from frontends.http.problems import NO_STORE, problem, refused
from frontends.http.site import Site

EVENTS: Final = f"{PREFIX}/events"
"""Another dialect's."""
_NO_GROUP: Final = ""
_id: Final = re.compile(rb"[\x21-\x7e]{1,200}").fullmatch


class Native:
    """The dialect `/api/v2`."""

    def __init__(self, site: Site) -> None:
        """Answer for this server."""
        self._site = site
        self._routes = Routes(PATHS)
        self._policy = default_policy(site.settings)

    async def answer(self, request: Request) -> Response | None:
        """Answer what lies under the prefix, events left out."""
        if not f"{request.path}/".startswith(f"{PREFIX}/") or request.path == EVENTS:
            return None
        response = await self._answer(request)
        said = request.headers.get(b"x-request-id")
        if said is None or not _id(said):
            return response
        return evolve(response, headers=(*response.headers, (b"x-request-id", said)))

    async def _answer(self, request: Request) -> Response:
        try:
            found = self._routes.find(request.method, request.raw_path)
            match found:
                case None:
                    return problem("unknown-path", "there is no such path: see /openapi.json")
                case WrongMethod(methods):
                    said = ", ".join(methods)
                    allow = (b"allow", said.encode())
                    if request.method == "OPTIONS":
                        return Response(204, headers=(allow, NO_STORE))
                    return problem("wrong-method", f"this path takes {said}", allow)
                case Found():
                    return await self._ask(found, request)
        except Unfit as error:
            return refused(Refused(error.code, str(error)))

    async def _ask(self, found: Found, request: Request) -> Response:
        path = found.path
        principal = await identify(self._site, request)
        if isinstance(principal, Response):
            return principal
        said = saying.query(request)
        group = self._group(found, principal, saying.group(request, said))
        if isinstance(group, Response):
            return group
        if not path.in_query and not saying.has_json(request):
            return problem("wrong-content-type", "a body is application/json")
        ask = Ask(
            self._site,
            path,
            request,
            principal,
            caller(principal, group),
            saying.values(path, found.values, said, request),
            self._policy,
            saying.request_id(path, request),
        )
        return await path.act(ask)

    def _group(self, found: Found, principal: Principal, said: str | None) -> str | Response:
        """The group that was named, or the only one there is to choose."""
        if not found.path.in_group:
            return _NO_GROUP
        known = self._site.groups() if principal.admin else tuple(principal.groups)
        if said is not None:
            return said if said in known else _unknown(found)
        if len(known) == 1:
            return known[0]
        return problem("group-non-selected", "name a group: header Jobyard-Group, or ?group=")


def _unknown(found: Found) -> Response:
    """What is asked for in a group that is not there, or not the caller's: the same for both."""
    if "job" in found.values:
        return problem("unknown-job", "there is no such job in this group")
    if "number" in found.values and "queue" not in found.values:
        return problem("unknown-recurrent-job", "there is no such recurrence in this group")
    return problem("unknown-queue", "there is no such queue in this group")
