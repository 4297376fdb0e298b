"""What a client of the RPC port is, by its first bytes."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final

from attrs import field, frozen

HEAD_MAX: Final = 16 * 1024
"""Bytes of an HTTP request before its body."""
GO_PATH: Final = "/_goRPC_"
_JSON: Final = frozenset(b"{[ \t\r\n")
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@frozen
class Json:
    """JSON values, one after another, from the first byte on."""


@frozen
class Stranger:
    """Nothing that is spoken here."""


@frozen
class Head:
    """An HTTP request; `size` is where what follows it begins."""

    method: str
    path: str
    size: int
    login: tuple[str, str] | None = field(default=None, repr=False)
    """User and password, if it has them."""


Opening = Json | Stranger | Head


def opening(received: bytes) -> Opening | None:
    """Look at everything received so far; None: more is needed to tell."""
    if not received:
        return None
    if received[0] in _JSON:
        return Json()
    if received[0] not in _LETTERS:
        return Stranger()
    size = _end(received)
    if size is None:
        return Stranger() if len(received) > HEAD_MAX else None
    return _head(received[:size]) if size <= HEAD_MAX else Stranger()


def _end(received: bytes) -> int | None:
    """Behind the empty line; lines may end as Go's client ends them, without a return."""
    found = [at + len(mark) for mark in (b"\n\r\n", b"\n\n") if (at := received.find(mark)) >= 0]
    return min(found, default=None)


def _head(raw: bytes) -> Head | Stranger:
    first, *lines = raw.split(b"\n")
    words = first.rstrip(b"\r").split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not first.isascii():
        return Stranger()
    path = words[1].decode().partition("?")[0]
    login = None
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"authorization":
            login = _basic(value.strip())
    return Head(words[0].decode(), path, len(raw), login)


def _basic(value: bytes) -> tuple[str, str] | None:
    scheme, _, coded = value.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = b64decode(coded.strip(), validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None
