"""What is refused of a request before any dialect sees it.

h11 reads leniently what RFC 9112 lets a server read leniently. Where another machine in between
may read the same bytes in another way (two lengths, bare line feeds, folded headers), nothing is
read here at all.
"""

import re
from collections.abc import Collection, Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote_to_bytes

import h11
import msgspec
from attrs import frozen

from frontends.http.exchange import Response

ENOUGH: Final = 500
"""Ways to write the names of one server that are remembered."""
PROBLEM: Final = ((b"content-type", b"application/problem+json"),)

_END: Final = b"\r\n\r\n"
_BAD_LINES: Final = re.compile(
    rb"(?<!\r)\n|\n[ \t]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)(?!\Z)"
)
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")
_VERSIONS: Final = (b"1.1", b"1.0")


@frozen
class Refusal:
    """An answer without a dialect; the connection ends with it."""

    status: int
    code: str
    sentence: str

    @property
    def response(self) -> Response:
        """As problem details (RFC 9457)."""
        details = {
            "type": f"urn:jobyard:error:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
        }
        return Response(self.status, msgspec.json.encode(details), PROBLEM)


TOO_LONG: Final = Refusal(431, "head-too-large", "The head of this request is too long.")
TOO_LARGE: Final = Refusal(413, "payload-too-large", "The body of this request is too large.")
TOO_SLOW: Final = Refusal(408, "too-slow", "The request did not arrive in time.")
CROWDED: Final = Refusal(
    503, "try-later", "More is being received than the server holds at one time; try again."
)
UNREADABLE: Final = Refusal(400, "invalid-request", "This is no HTTP/1.1 request.")
TRAILED: Final = Refusal(400, "invalid-request", "No headers are read behind a body.")
_LINES: Final = Refusal(
    400, "invalid-request", "Lines end with CR LF, and hold neither folds nor control characters."
)
_VERSION: Final = Refusal(505, "invalid-request", "This server speaks HTTP/1.1.")
_METHOD: Final = Refusal(501, "invalid-request", "This server is no proxy.")
_LENGTHS: Final = Refusal(
    400, "invalid-request", "A body has a Content-Length or a Transfer-Encoding, not both."
)
_TARGET: Final = Refusal(
    400, "invalid-request", "The target is a path of percent-encoded UTF-8 that begins with `/`."
)
_FOREIGN: Final = Refusal(
    421, "unknown-host", "This server does not answer to that name; `http.hosts` lists its names."
)
REFUSALS: Final = (
    TOO_LONG, TOO_LARGE, TOO_SLOW, CROWDED, UNREADABLE, TRAILED,
    _LINES, _VERSION, _METHOD, _LENGTHS, _TARGET, _FOREIGN,
)  # fmt: skip
"""All of them."""


def wrong_lines(data: bytes, longest: int) -> Refusal | None:
    """What is wrong with the bytes of a head, whole or not; what follows it is not looked at."""
    end = data.find(_END)
    head = data if end < 0 else data[: end + len(_END)]
    if len(head) > longest:
        return TOO_LONG
    return _LINES if _BAD_LINES.search(head) else None


def wrong_head(
    request: h11.Request,
    headers: Iterable[tuple[bytes, bytes]],
    longest: int,
    names: "Names",
) -> Refusal | None:
    """What is wrong with a head that h11 could read.

    Args:
        request: the head.
        headers: its headers, which h11 takes long to list.
        longest: bytes that a body may have.
        names: what `Host` may say.
    """
    if request.http_version not in _VERSIONS:
        return _VERSION
    if request.method == b"CONNECT":
        return _METHOD
    if _wrong_target(request.target, request.method):
        return _TARGET
    length = coded = None
    for name, value in headers:
        if name == b"content-length":
            length = value
        elif name == b"transfer-encoding":
            coded = value
        elif name == b"host" and not names.know(value):
            return _FOREIGN
    if coded is not None and (length is not None or request.http_version == b"1.0"):
        return _LENGTHS
    if length is not None and int(length) > longest:
        return TOO_LARGE
    return None


def _wrong_target(target: bytes, method: bytes) -> bool:
    if target == b"*":
        return method != b"OPTIONS"
    path = target.partition(b"?")[0]
    if not path.startswith(b"/"):
        return True
    if b"%" not in path:
        return False
    if _BAD_ESCAPE.search(path):
        return True
    try:
        return _CONTROL.search(unquote_to_bytes(path).decode()) is not None
    except UnicodeDecodeError:
        return True


class Names:
    """Which names in `Host` mean this server, so that no page can point a name of its own at it."""

    def __init__(self, configured: Collection[str], *, local: bool) -> None:
        """Take the names that the settings list.

        Args:
            configured: names beside addresses; without ports.
            local: the listener is bound where only this machine reaches it. Elsewhere any address
                will do: addresses are translated on the way, and no page can rebind one.
        """
        self._local = local
        self._names = frozenset(name.lower().strip("[]") for name in (*configured, "localhost"))
        self._known: set[bytes] = set()

    def know(self, host: bytes) -> bool:
        """Whether the value of a `Host` header names this server."""
        if host in self._known:
            return True
        match = _HOST.fullmatch(host)
        if match is None or not self._is_ours(match[1].decode("ascii").lower()):
            return False
        if len(self._known) < ENOUGH:
            self._known.add(host)
        return True

    def _is_ours(self, name: str) -> bool:
        bare = name.strip("[]").removesuffix(".")
        if bare in self._names:
            return True
        try:
            address = ip_address(bare)
        except ValueError:
            return False
        return address.is_loopback or not self._local
