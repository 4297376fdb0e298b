"""Whether the server lives, whether it can take work, and what it is: for machines that ask."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from frontends.http.exchange import Request, Response
from frontends.http.problems import NO_STORE, problem
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
        reasons = [{"code": code, "detail": detail} for code, detail in self._reasons()]
        ready = not reasons
        return _shown({"ready": ready, "reasons": reasons}, 200 if ready else 503)

    def _reasons(self) -> Iterator[tuple[str, str]]:
        seen = self._observed.statistics()
        if seen.stopping:
            yield "stopping", "the server stops"
        if seen.store_low:
            yield "storage-low", "less disk space is left than store.low_water"
        elif seen.refusing:
            yield "storage-full", "the disk is full; nothing can be published"
        stall = self._site.settings.store.stall
        if seen.stalled > stall:
            yield "stall", f"a change has waited for the disk for more than {stall:g} seconds"
        failed = len(self._observed.health().failed)
        if failed:
            yield "queue-failed", f"{failed} queues are closed after too many crashes"

    def _version(self) -> Response:
        seen = self._observed.statistics()
        return _shown({
            "version": self._site.version,
            "boot": seen.boot,
            "started_at": self._site.started_at,
        })  # fmt: skip


def _shown(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value), (JSON, NO_STORE))
