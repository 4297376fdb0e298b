"""Whether the server lives, whether it can take work, and what it is: for machines that ask."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from frontends.http.exchange import Request, Response
from frontends.http.problems import NO_STORE, problem
from frontends.http.readiness import reasons
from frontends.http.site import Site
from frontends.observed import Observed

READING: Final = frozenset({"GET", "HEAD"})
JSON: Final = (b"content-type", b"application/json")


class Health:
    """The dialect of `/healthz`, `/readyz` and `/version`. Says nothing about anybody's jobs."""

    def __init__(self, site: Site, observed: Observed) -> None:
        """Answer for this server."""
        self._site = site
        self._observed = observed
        self._paths = {
            "/healthz": self._alive,
            "/readyz": self._ready,
            "/version": self._version,
        }

    async def answer(self, request: Request) -> Response | None:
        """Answer anybody."""
        act = self._paths.get(request.path)
        if act is None:
            return None
        if request.method not in READING:
            return problem("wrong-method", "this path takes GET", (b"allow", b"GET, HEAD"))
        return act()

    def _alive(self) -> Response:
        return _shown({"status": "alive"})

    def _ready(self) -> Response:
        why = [
            {"code": code, "detail": detail} for code, detail in reasons(self._site, self._observed)
        ]
        return _shown({"ready": not why, "reasons": why}, 503 if why else 200)

    def _version(self) -> Response:
        seen = self._observed.statistics()
        return _shown({
            "version": self._site.version,
            "boot": seen.boot,
            "started_at": self._site.started_at,
        })  # fmt: skip


def _shown(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value), (JSON, NO_STORE))
