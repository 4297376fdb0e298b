"""The sockets a server listens on, taken before anybody is served."""

import errno
import socket
from collections.abc import Iterator, Sequence

import structlog
from attrs import field, frozen

from config.listeners import HttpListener, http_listeners
from config.settings import Settings
from frontends.certificate import Certificate
from frontends.listening import bind, written

log = structlog.get_logger(__name__)


class StartError(Exception):
    """The server cannot start; the message says what to do."""


@frozen
class Bound:
    """Sockets that listen, and the certificates of those that are encrypted."""

    plain: list[socket.socket] = field(factory=list[socket.socket])
    encrypted: list[socket.socket] = field(factory=list[socket.socket])
    http: list[tuple[HttpListener, Sequence[socket.socket]]] = field(
        factory=list[tuple[HttpListener, Sequence[socket.socket]]]
    )
    https: list[socket.socket] = field(factory=list[socket.socket])
    rpc: list[socket.socket] = field(factory=list[socket.socket])
    """Of calls, and of the page: both answer everything."""
    certificate: Certificate | None = None
    """Of the line protocol."""
    https_certificate: Certificate | None = None

    def lines(self) -> Iterator[socket.socket]:
        """Those of the line protocol."""
        yield from self.plain
        yield from self.encrypted

    def web(self) -> Iterator[socket.socket]:
        """Those of HTTP."""
        for _, sockets in self.http:
            yield from sockets
        yield from self.https

    def reload(self) -> bool:
        """Read the certificates again; whether there are any.

        Raises:
            OSError: one cannot be read; the old one stays in use.
        """
        found = [each for each in (self.certificate, self.https_certificate) if each is not None]
        for each in found:
            each.reload()
        return bool(found)

    def close(self) -> None:
        """Close what nobody took over."""
        for listener in (*self.lines(), *self.web(), *self.rpc):
            listener.close()


async def bind_all(settings: Settings) -> Bound:
    """Listen everywhere the settings say.

    Raises:
        StartError: a port is taken, or a certificate cannot be read.
    """
    bound = _with_certificates(settings)
    http = settings.http
    secure = http.host or settings.host
    try:
        if settings.port is not None:
            bound.plain.extend(await _bind("port", settings.host, settings.port))
        if settings.tls.port is not None:
            host = settings.tls.host or settings.host
            bound.encrypted.extend(await _bind("tls.port", host, settings.tls.port))
        for each in http_listeners(settings):
            bound.http.append((each, await _bind_http(each)))
        if http.tls_port is not None:
            bound.https.extend(await _bind("http.tls_port", secure, http.tls_port))
        rpc = settings.rpc
        for name, port in (("rpc.port", rpc.port), ("rpc.page_port", rpc.page_port)):
            if port is not None:
                bound.rpc.extend(await _bind(name, rpc.host or settings.host, port))
    except StartError:
        bound.close()
        raise
    return bound


def _with_certificates(settings: Settings) -> Bound:
    tls = settings.tls
    files = (str(tls.certificate), str(tls.key))
    try:
        return Bound(
            certificate=None if tls.port is None else Certificate(*files),
            https_certificate=(
                None if settings.http.tls_port is None else Certificate(*files, ("http/1.1",))
            ),
        )
    except OSError as error:
        raise StartError(f"tls.certificate, tls.key: {error}") from None


async def _bind(setting: str, host: str, port: int) -> list[socket.socket]:
    try:
        return await bind(host, port)
    except OSError as error:
        raise StartError(
            f"{setting}: cannot listen on {written(host, port)}: {error.strerror or error}"
        ) from error


async def _bind_http(listener: HttpListener) -> list[socket.socket]:
    """One that nobody asked for by name gives way to whoever has its port."""
    try:
        return await _bind(listener.setting, listener.host, listener.port)
    except StartError as error:
        taken = isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE
        if listener.named or not taken:
            raise
        log.warning("no-http", sentence=f"{error}; no HTTP is served")
        return []
