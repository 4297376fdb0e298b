"""The doors that are opened only when a setting says so, each with what it listens on."""

from typing import TYPE_CHECKING

from engine.directory import Directory
from frontends.answered import Answered, CountedEngine
from frontends.http.exchange import Speaks
from frontends.http.site import Site
from frontends.listeners import Bound
from frontends.rpc.place import Place
from frontends.rpc.server import RpcServer

if TYPE_CHECKING:
    from frontends.http.server import HttpServer


def http_server(site: Site, bound: Bound) -> "HttpServer | None":
    """Everything that listens for HTTP; None: nothing does."""
    if not any(bound.web()):
        return None
    from frontends.http.server import HttpServer  # noqa: PLC0415 - Quart takes a while to load

    server = HttpServer(site)
    if site.observed is not None:
        site.observed.connections["http"] = lambda: server.statistics().connections
    for listener, sockets in bound.http:
        server.listen(sockets, Speaks(listener.speaks))
    if bound.https_certificate is not None:
        handshake = site.settings.tls.handshake
        server.listen_tls(bound.https, Speaks.EVERYTHING, bound.https_certificate, handshake)
    return server


def rpc_server(engine: Directory, site: Site, bound: Bound) -> RpcServer | None:
    """Everything that listens for RPC, told of each commit; None: nothing does."""
    if not bound.rpc:
        return None
    counted = Answered()
    place = Place(CountedEngine(engine, counted), site.login, site.settings, site.now)
    server = RpcServer(place)
    if site.observed is not None:
        site.observed.answered["rpc"] = counted
        site.observed.connections["rpc"] = lambda: server.statistics().connections
    server.listen(bound.rpc)
    engine.committer.flushers.append(server.flush)
    return server
