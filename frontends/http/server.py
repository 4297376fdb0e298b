"""The HTTP front-end: its listeners, who is let in, and how everybody is let go."""

import socket
from collections.abc import Callable, Collection, Sequence
from typing import Final

import trio
from hypercorn.trio.lifespan import Lifespan
from hypercorn.utils import wrap_app

from frontends.certificate import Certificate
from frontends.guard import report
from frontends.http.asgi import Application
from frontends.http.bounds import bounds
from frontends.http.dialects import dialects
from frontends.http.edge import Edge, Stream
from frontends.http.exchange import Dialect, Speaks
from frontends.http.heads import Names
from frontends.http.load import Ends, Entrance, Load
from frontends.http.origins import Origins
from frontends.http.pages import pages
from frontends.http.pages.live import Live
from frontends.http.site import Site
from frontends.http.statistics import Statistics
from frontends.listening import is_local, tune

FAREWELL: Final = 1.0
"""Seconds that pages have to end what they began."""
Find = Callable[[Site, Speaks], Sequence[Dialect]]


class HttpServer:
    """Everything that listens for HTTP."""

    def __init__(self, site: Site, find: Find = dialects) -> None:
        """Prepare; nothing is served before `run`.

        Args:
            site: the server.
            find: gives the dialects of a kind of listener.
        """
        self._site = site
        self._find = find
        self._load = Load(bounds(site.settings))
        self._pages = pages(site)
        self._listeners: list[_Listener] = []
        self._over = trio.Event()

    def listen(self, sockets: Sequence[socket.socket], speaks: Speaks) -> None:
        """Take over listening, non-blocking sockets for connections in clear."""
        for each in sockets:
            self._listeners.append(_Listener(each, self._entrance(each, speaks), self._load, None))

    def listen_tls(
        self,
        sockets: Sequence[socket.socket],
        speaks: Speaks,
        certificate: Certificate,
        handshake: float,
    ) -> None:
        """Take over listening sockets for TLS; `handshake`: seconds a client has for it."""
        for each in sockets:
            self._listeners.append(
                _Listener(each, self._entrance(each, speaks), self._load, (certificate, handshake))
            )

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve what was handed over before, until `drain` is done."""
        lifespan = Lifespan(wrap_app(self._pages, 0, "asgi"), self._load.config, {})
        async with trio.open_nursery() as background:
            await background.start(lifespan.handle_lifespan)
            await lifespan.wait_for_startup()
            async with trio.open_nursery() as clients, trio.open_nursery() as accepting:
                for listener in self._listeners:
                    accepting.start_soon(listener.run, clients)
                task_status.started()
                await self._over.wait()
                clients.cancel_scope.cancel()
            with trio.move_on_after(FAREWELL):
                await lifespan.wait_for_shutdown()
            background.cancel_scope.cancel()

    def stop_accepting(self) -> None:
        """Close the listeners; who is in stays."""
        for listener in self._listeners:
            listener.accepting.cancel()

    async def drain(self, seconds: float) -> None:
        """End streams, let answers go out, then close every connection; `run` ends after it.

        Args:
            seconds: how long answers may take; then they are cut off.
        """
        self.stop_accepting()
        await self._load.context.terminated.set()
        self._end_streams()
        for connection in list(self._load.connections):
            connection.stop()
        with trio.move_on_after(seconds):
            await self._load.wait_empty()
        for connection in list(self._load.connections):
            connection.abort()
        self._over.set()

    def replace_users(self, gone: Collection[str], groups: Sequence[str]) -> None:
        """End streams when there are users that may do less: whoever still may comes back."""
        del groups
        if gone:
            self._end_streams()

    def statistics(self) -> Statistics:
        """Figures of all listeners."""
        load, counted = self._load, self._load.counters
        return Statistics(
            connections=len(load.connections),
            streams=len(load.streams),
            in_flight=load.in_flight,
            accepted=counted.accepted,
            refused=counted.refused,
            broken=counted.broken,
            slow=counted.slow,
            late=counted.late,
            handshakes_failed=counted.handshakes_failed,
            requests=counted.requests,
            turned_away=counted.turned_away,
        )

    def _end_streams(self) -> None:
        for stream in list(self._load.streams):
            stream.cancel()

    def _entrance(self, listener: socket.socket, speaks: Speaks) -> Entrance:
        settings = self._site.settings
        host: str = listener.getsockname()[0]
        local = is_local(host)
        main = self._pages if speaks is Speaks.EVERYTHING else None
        asked = list(self._find(self._site, speaks))
        if main is not None and self._site.observed is not None:
            asked.append(Live(main, self._site.observed.feed))
        origins = Origins(settings) if main else None
        application = Application(
            asked, speaks, main, origins, streams=self._load.streams, local=local
        )
        named = (settings.host, settings.http.host or settings.host, *settings.http.hosts)
        return Entrance(application, Names(named, local=local))


class _Listener:
    """One listening socket."""

    def __init__(
        self,
        listener: socket.socket,
        entrance: Entrance,
        load: Load,
        tls: tuple[Certificate, float] | None,
    ) -> None:
        self._listener = trio.SocketListener(trio.socket.from_stdlib_socket(listener))
        self._entrance = entrance
        self._load = load
        self._tls = tls
        self.accepting = trio.CancelScope()

    async def run(self, clients: trio.Nursery) -> None:
        with self.accepting:
            await trio.serve_listeners(self._admit, [self._listener], handler_nursery=clients)
        await self._listener.aclose()

    async def _admit(self, client: trio.SocketStream) -> None:
        load = self._load
        if load.full:
            load.counters.refused += 1
            await trio.aclose_forcefully(client)
            return
        load.counters.accepted += 1
        try:
            tune(client.socket)
            ends = Ends(
                client.socket.getpeername()[:2],
                client.socket.getsockname()[:2],
                encrypted=self._tls is not None,
            )
            stream = client if self._tls is None else await self._shake_hands(client, *self._tls)
            if stream is not None:
                await Edge(self._entrance, load, stream, ends).run()
        except OSError:
            pass  # the peer is gone already
        except Exception as error:  # noqa: BLE001 - the guard: one connection's bug is its own end
            report("", error)
        finally:
            await trio.aclose_forcefully(client)

    async def _shake_hands(
        self, client: trio.SocketStream, certificate: Certificate, seconds: float
    ) -> Stream | None:
        stream = trio.SSLStream(
            client, certificate.context, server_side=True, https_compatible=True
        )
        self._load.shaking += 1
        try:
            with trio.move_on_after(seconds):
                await stream.do_handshake()
                return stream
        except trio.BrokenResourceError:
            pass
        finally:
            self._load.shaking -= 1
        self._load.counters.handshakes_failed += 1
        return None
