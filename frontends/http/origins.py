"""Which pages may call the server, and change something in the name of who reads them.

A browser adds of itself what it remembers (Basic credentials, cookies), so a change that comes
from another site's page is refused unless `http.origins` lists that site. The gateway and the
JobEngine dialects carry their credentials in each request and are asked by any program.
"""

from typing import Final

from config.settings import Settings
from frontends.http.exchange import Headers, Request, Response
from frontends.http.heads import Refusal

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_CREDENTIALS: Final = ("/gateway", "/api/v1/")
"""Where these paths begin, nothing that a browser remembers counts."""
PREFLIGHT: Final = b"access-control-request-method"
ALLOW_ORIGIN: Final = b"access-control-allow-origin"
MAX_AGE: Final = b"600"

_METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_EXPOSED: Final = b"etag, location, retry-after, x-request-id"
_CROSSED: Final = Refusal(
    403, "cross-site", "A page of another site asked for this; `http.origins` lists who may."
)


class Origins:
    """The rules of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = frozenset(origin.encode() for origin in settings.http.origins)

    def judge(self, request: Request) -> Response | None:
        """Answer a preflight, or refuse what another site's page may not do; None: go on."""
        headers = request.headers
        origin = headers.get(b"origin")
        if request.method in SAFE:
            if request.method == "OPTIONS" and PREFLIGHT in headers and origin in self._allowed:
                return self._preflight(request)
            return None
        if origin in self._allowed or request.path.startswith(OWN_CREDENTIALS):
            return None
        site = headers.get(b"sec-fetch-site")
        if site is None:
            crosses = origin is not None and not _same(origin, request)
        else:
            crosses = site not in {b"same-origin", b"none"}
        return _CROSSED.response if crosses else None

    def allow(self, request: Request, headers: Headers) -> Headers:
        """The headers that let the page of a listed origin read an answer."""
        origin = request.headers.get(b"origin")
        if origin not in self._allowed or any(name == ALLOW_ORIGIN for name, _ in headers):
            return headers
        assert origin is not None
        return (
            *headers,
            (ALLOW_ORIGIN, origin),
            (b"access-control-expose-headers", _EXPOSED),
            (b"vary", b"origin"),
        )

    def _preflight(self, request: Request) -> Response:
        asked = request.headers.get(b"access-control-request-headers", b"")
        return Response(
            204,
            headers=(
                (ALLOW_ORIGIN, request.headers[b"origin"]),
                (b"access-control-allow-methods", _METHODS),
                (b"access-control-allow-headers", asked),
                (b"access-control-max-age", MAX_AGE),
                (b"vary", b"origin, access-control-request-headers"),
            ),
        )


def _same(origin: bytes, request: Request) -> bool:
    scheme = b"https://" if request.encrypted else b"http://"
    return origin == scheme + request.headers.get(b"host", b"")
