"""Bytes of a job for people: JSON set out in lines with every digit as it was, text, or a dump.

Nothing is ever parsed into numbers: the text itself is cut into tokens and indented.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from enum import Enum
from typing import Final

import msgspec
from attrs import frozen

LONGEST_PRETTY: Final = 128 * 1024
"""Bytes of JSON that are set out; more of it is shown as it came."""
FOLD: Final = 64 * 1024
"""Characters shown before the rest is folded away."""
DUMPED: Final = 4 * 1024
"""Bytes that a dump shows."""
PREVIEW: Final = 160
"""Characters of a payload in a list."""

_GROWTH: Final = 8
_INDENT: Final = "  "
_ROW: Final = 16
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\s{}\[\],:"]++|[{}\[\],:]', re.DOTALL)
_raw: Final = msgspec.json.Decoder(msgspec.Raw)


class Kind(Enum):
    """What bytes are taken for."""

    EMPTY = "nothing"
    JSON = "JSON"
    TEXT = "text"
    BINARY = "bytes"


@frozen
class Shown:
    """Bytes, ready to be read."""

    kind: Kind
    size: int
    text: str
    """Set out in lines, or as it came, or a dump of the first bytes."""
    whole: bool = True
    """The text has all of it."""
    base64: str = ""
    """Of bytes that are no text: as many as the dump shows."""


def shown(content: bytes | None, *, whole: bool = False) -> Shown:
    """Make bytes readable; None: there are none.

    Args:
        content: a payload, a result, a checkpoint.
        whole: fold nothing away.
    """
    if not content:
        return Shown(Kind.EMPTY, 0, "")
    size = len(content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        begin = content[:DUMPED]
        complete = size <= DUMPED
        return Shown(Kind.BINARY, size, dump(begin), complete, b64encode(begin).decode())
    kind = Kind.JSON if is_json(content) else Kind.TEXT
    if kind is Kind.JSON and size <= LONGEST_PRETTY:
        text = pretty(text)
    if whole or len(text) <= FOLD:
        return Shown(kind, size, text)
    return Shown(kind, size, text[:FOLD], whole=False)


def preview(content: bytes | None) -> str:
    """The beginning of it on one line."""
    begin = (content or b"")[: PREVIEW * 4]
    text = begin.decode("utf-8", "replace")
    return " ".join(text[: PREVIEW + 1].split(None))[:PREVIEW]


def is_json(content: bytes) -> bool:
    """Whether all of it is one JSON value; what is nested too deep counts as text."""
    try:
        _raw.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def pretty(text: str) -> str:
    """JSON text in lines; as it came, if lines would make it many times as long."""
    most = _GROWTH * len(text) + LONGEST_PRETTY
    length, parts = 0, list[str]()
    for part in _laid_out(text):
        length += len(part)
        if length > most:
            return text
        parts.append(part)
    return "".join(parts)


def _laid_out(text: str) -> Iterator[str]:
    depth, before = 0, ""
    for piece in _TOKEN.findall(text):
        empty = before in {"{", "["} and piece in {"}", "]"}
        if piece in {"}", "]"}:
            depth -= 1
        if not empty and (before in {"{", "[", ","} or (piece in {"}", "]"} and before)):
            yield "\n" + _INDENT * depth
        yield piece
        if piece == ":":
            yield " "
        if piece in {"{", "["}:
            depth += 1
        before = piece


def dump(content: bytes) -> str:
    """Sixteen bytes a line: where, in hexadecimal, as characters."""
    return "\n".join(
        f"{at:06x}  {row.hex(' '):<47}  {''.join(map(_character, row))}"
        for at in range(0, len(content), _ROW)
        for row in (content[at : at + _ROW],)
    )


def _character(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "·"
