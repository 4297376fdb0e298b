"""An HTTP server in threads that answers as a test says, request by request."""

import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, Self

import msgspec
from attrs import frozen

USER: Final = "ada"
PASSWORD: Final = "enchantress"
OWN_GROUPS: Final = "/api/v2/groups/own"


@frozen
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@frozen
class Said:
    """An answer; None as status: the connection is closed instead."""

    status: int | None
    body: Any = b""
    headers: tuple[tuple[str, str], ...] = ()
    open: bool = False
    """It has no length: it goes on until the connection ends."""
    held: bool = False
    """The connection ends when the client leaves."""


def problem(status: int, code: str, **headers: str) -> Said:
    said = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Said(status, {"code": code, "detail": f"it is {code}"}, said)


LOST: Final = Said(None)
NEVER: Final = Said(None, held=True)


class WebYard:
    """Greets by itself; everything else is taken from `answers`, in their order."""

    def __init__(self, *answers: Said, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.groups = Said(200, {"groups": [{"name": "yard", "rights": ["read"]}]})
        self.came = threading.Event()
        """Set by each request."""
        self.left = threading.Event()
        """Set when a client left a connection that was held."""
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}/?group=yard"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for plain in [self._listener, *self._open]:
            with suppress(OSError):
                plain.shutdown(socket.SHUT_RDWR)
            plain.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                plain = self._tls.wrap_socket(plain, server_side=True)
            self._open.add(plain)
            with plain, plain.makefile("rb") as lines:
                while (asked := _request(lines)) is not None:
                    said = self._answer(asked)
                    if said.status is not None:
                        plain.sendall(_response(said))
                    if said.held:
                        lines.read(1)
                        self.left.set()
                    if said.open or said.status is None:
                        return
        self._open.discard(plain)

    def _answer(self, asked: Asked) -> Said:
        if asked.target.partition("?")[0] == OWN_GROUPS:
            return self.groups
        self.asked.append(asked)
        self.came.set()
        return self.answers.pop(0)


def _request(lines: Any) -> Asked | None:
    head = lines.readline().decode("latin-1").split()
    if len(head) != 3:
        return None
    headers: dict[str, str] = {}
    while line := lines.readline().strip():
        name, _, told = line.decode("latin-1").partition(": ")
        headers[name.lower()] = told
    body = lines.read(int(headers.get("content-length", 0)))
    return Asked(head[0], head[1], headers, body)


def _response(said: Said) -> bytes:
    body = said.body if isinstance(said.body, bytes) else msgspec.json.encode(said.body)
    headers: Iterable[tuple[str, str]] = said.headers
    if not said.open:
        headers = (*headers, ("content-length", str(len(body))))
    lines = [f"HTTP/1.1 {said.status} So", *(f"{name}: {told}" for name, told in headers), "", ""]
    return "\r\n".join(lines).encode() + body
