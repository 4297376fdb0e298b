"""The dialect of `/openapi.json` and of `/docs`, the page that shows it to people."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from frontends.http.exchange import Headers, Request, Response
from frontends.http.native.openapi import described, document
from frontends.http.native.path import READING
from frontends.http.problems import problem
from frontends.http.site import Site

POLICY: Final = (
    b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
"""Nothing runs on the page, and nothing comes from elsewhere."""
_PACKAGE: Final = "frontends.http.native"
_PAGE: Final[Headers] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
)
_STYLE: Final[Headers] = (
    (b"content-type", b"text/css; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-cache"),
)
_JSON: Final[Headers] = ((b"content-type", b"application/json"), (b"cache-control", b"no-cache"))


class Documents:
    """The dialect."""

    def __init__(self, site: Site) -> None:
        """Describe this server; what describes it is made when somebody asks."""
        self._site = site
        self._made: dict[str, Response] = {}
        self._paths: dict[str, Callable[[], Response]] = {
            "/openapi.json": self._document,
            "/docs": self._page,
            "/docs/style.css": self._style,
        }

    async def answer(self, request: Request) -> Response | None:
        """Answer anybody: there is nothing of anybody in it."""
        make = self._paths.get(request.path)
        if make is None:
            return None
        if request.method not in READING:
            return problem("wrong-method", "this path takes GET", (b"allow", b"GET, HEAD"))
        if request.path not in self._made:
            self._made[request.path] = make()
        return self._made[request.path]

    def _document(self) -> Response:
        return Response(200, document(self._site.version, self._site.settings), _JSON)

    def _page(self) -> Response:
        said = described(self._site.version, self._site.settings)
        return Response(200, _template().render(document=said).encode(), _PAGE)

    def _style(self) -> Response:
        found = resources.files(_PACKAGE).joinpath("docs.css")
        return Response(200, found.read_bytes(), _STYLE)


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("docs.html")
