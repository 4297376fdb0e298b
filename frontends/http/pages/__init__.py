"""What people see in a browser: a Quart application, asked when no dialect knows a path."""

from types import TracebackType
from typing import Final

from quart import Response
from quart_trio import QuartTrio
from werkzeug.exceptions import HTTPException, NotFound

from frontends.guard import report
from frontends.http.bounds import bounds
from frontends.http.site import Site

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing inline runs, nothing frames it, nothing of another site loads."""

ROOT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Jobyard</title>
<h1>Jobyard</h1>
<p>A job engine. Programs speak to it under <code>/api/v2</code>.</p>
"""


ErrorInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class Pages(QuartTrio):
    """The pages of one server."""

    def log_exception(self, exception_info: ErrorInfo) -> None:
        """Say what broke and where, without a word of the request's."""
        if exception_info[1] is not None:
            report("", exception_info[1])

    def knows(self, path: str, method: str) -> bool:
        """Whether something is at that path, whatever may be done with it."""
        try:
            self.url_map.bind("localhost").match(path, method)
        except NotFound:
            return False
        except HTTPException:
            return True
        return True


def pages(site: Site) -> Pages:
    """Make the application; whoever has pages of their own registers a blueprint with it."""
    app = Pages("frontends.http.pages", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=bounds(site.settings).body,
        RESPONSE_TIMEOUT=None,
        BODY_TIMEOUT=None,
    )
    app.after_request(_secure)
    app.add_url_rule("/", "root", _root)
    return app


async def _root() -> Response:
    return Response(ROOT, content_type="text/html; charset=utf-8")


async def _secure(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response
