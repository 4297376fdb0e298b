r"""JSON as Go's encoding/json (1.19) writes it, straight to bytes.

Go escapes `<`, `>`, `&`, U+2028 and U+2029, writes control characters as `\u00xx` except `\n`,
`\r` and `\t`, and shows each byte that is no UTF-8 as `\ufffd`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

ZERO_TIME: Final = b'"0001-01-01T00:00:00Z"'
"""Go's zero time: never happened."""

_SHORT: Final = {0x09: rb"\t", 0x0A: rb"\n", 0x0D: rb"\r"}
_CONTROLS: Final = [(bytes([code]), _SHORT.get(code, b"\\u%04x" % code)) for code in range(0x20)]
_WIDE: Final = [
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
    (b"\xe2\x80\xa8", rb"\u2028"),
    (b"\xe2\x80\xa9", rb"\u2029"),
]
_CONTROL_BYTES: Final = bytes(range(0x20))
_ODD: Final = _CONTROL_BYTES + b"<>&" + bytes(range(0x80, 0x100))


def string(raw: bytes) -> bytes:
    """A Go string of these bytes as a JSON string. Linear, whatever the bytes are."""
    # Only `replace` and the codecs: a callback per match would let one payload hold the loop.
    raw = raw.replace(b"\\", rb"\\").replace(b'"', rb"\"")
    if len(raw.translate(None, _ODD)) != len(raw):
        raw = _escape(raw)
    return b'"%b"' % raw


def _escape(raw: bytes) -> bytes:
    if len(raw.translate(None, _CONTROL_BYTES)) != len(raw):
        for code, escaped in _CONTROLS:
            if code in raw:
                raw = raw.replace(code, escaped)
    for code, escaped in _WIDE:
        raw = raw.replace(code, escaped)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return _mend(raw)
    return raw


def _mend(raw: bytes) -> bytes:
    r"""`\ufffd` for each byte that is no UTF-8; no control character is left in `raw`."""
    text = raw.replace(b"?", b"\0").decode("utf-8", "surrogateescape")
    marked = text.encode("utf-8", "replace")  # `?` for each such byte
    return marked.replace(b"?", rb"\ufffd").replace(b"\0", b"?")


@lru_cache(maxsize=4096)
def name(text: str) -> bytes:
    """A short text that comes again and again: a type, a queue, a user."""
    return string(text.encode("utf-8", "surrogatepass"))


def array(values: Iterable[bytes]) -> bytes:
    """An array of what is already JSON."""
    return b"[%b]" % b",".join(values)


def time(seconds: float | None) -> bytes:
    """Unix seconds as RFC3339Nano in UTC; None is Go's zero time."""
    if seconds is None:
        return ZERO_TIME
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    text = moment.isoformat()
    if moment.microsecond:
        text = text.rstrip("0")
    return b'"%bZ"' % text.encode()
