"""jobatator's HTTP gateway: commands of the line protocol, run in one session that ends with them.

Nothing of it goes over a socket: commands go into a session as words, answers come out as values.
"""

from typing import Final

from frontends.dialects import gateway
from frontends.dialects.words import split
from frontends.http.exchange import Headers, Request, Response
from frontends.http.gateway_session import GatewayDoor, Open
from frontends.http.site import Site
from frontends.lines.line_settings import line_settings

PATH: Final = "/gateway"


class Gateway:
    """The dialect."""

    def __init__(self, site: Site) -> None:
        """Answer for this server."""
        self._site = site
        self._most = site.settings.http.gateway_commands
        self._open: Open = {}
        self._facts = line_settings(
            site.settings,
            started_at=site.started_at,
            version=site.version,
            users=site.login.accounts,
        )

    async def answer(self, request: Request) -> Response | None:
        """Run the commands of a request, each whatever became of those before it."""
        if request.path != PATH:
            return None
        headers = (*gateway.TYPE, *self._cors(request))
        if request.method == "OPTIONS":
            return Response(200, gateway.DONE, headers)
        if request.method != "POST":
            return Response(405, gateway.NOT_ALLOWED, headers)
        lines = gateway.commands(request.body)
        if lines is None:
            return Response(400, gateway.INVALID, headers)
        if len(lines) > self._most:
            return Response(400, gateway.too_many(self._most), headers)
        commands = [split(line.encode()) for line in lines]
        door = GatewayDoor(self._site, self._open)
        answers = await door.converse(self._facts, request, commands)
        success, body = gateway.outcome(commands, answers)
        return Response(200 if success else 400, body, headers)

    def _cors(self, request: Request) -> Headers:
        http = self._site.settings.http
        if http.reflect_referer and request.local:
            return gateway.reflected(request.headers.get(b"referer", b""))
        return gateway.allowed(request.headers.get(b"origin", b""), http.origins)
