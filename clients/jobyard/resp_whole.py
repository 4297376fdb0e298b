"""Reading a RESP 3 value that is there whole, the common case: several times as fast.

It knows maps, arrays and plain values. What is incomplete or anything else it leaves to
`resp.Reader`, which has the last word on what is wrong.
"""

import re
from collections.abc import Callable
from typing import Any, Final

_pair: Final = re.compile(
    rb"(\$[0-9]{1,2}\r\n[a-z_]{1,40})\r\n(?:\$([0-9]{1,8})|([:,#_][0-9.tf-]{0,30}))\r\n"
).match
"""A name with its length and its value in a map, or the head of that value."""
_head: Final = re.compile(
    rb"(?:\$([0-9]{1,8})|([*%])([0-9]{1,6})|([:,#_])([0-9.tf-]{0,30}))\r\n"
).match
_number: Final = re.compile(rb"-?[0-9]{1,18}").fullmatch
_fraction: Final = re.compile(rb"-?[0-9]{1,20}(?:\.[0-9]{1,20})?").fullmatch
_DEPTH_MAX: Final = 8
_NAMES_MAX: Final = 1_000
_NAMES: Final[dict[bytes, str]] = {}
_COMMON: Final[dict[bytes, Any]] = {
    b"_": None, b"#t": True, b"#f": False, b":0": 0, b":1": 1, b",0.0": 0.0,
}  # fmt: skip
"""What most fields are."""


class Left(Exception):
    """Not read here."""


def whole(buffer: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    """The value that begins at `at`, and where the next one does.

    Raises:
        Left: it is not complete, or not of the common kinds.
    """
    found = _head(buffer, at)
    if found is None or depth > _DEPTH_MAX:
        raise Left
    size, many, count, kind, text = found.groups()
    at = found.end()
    if size is not None:
        return _bulk(buffer, at, int(size))
    if many is None:
        return _PLAIN[kind](text), at
    if many == b"*":
        items = []
        for _ in range(int(count)):
            item, at = whole(buffer, at, depth + 1)
            items.append(item)
        return items, at
    return _map(buffer, at, int(count), depth + 1)


def _map(buffer: bytes, at: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    entries: dict[str, Any] = {}
    for _ in range(count):
        found = _pair(buffer, at)
        if found is None:
            key, at = whole(buffer, at, depth)
            if type(key) is not bytes:
                raise Left
            entries[key.decode("utf-8", "replace")], at = whole(buffer, at, depth)
            continue
        said, size, plain = found.groups()
        at = found.end()
        name = _NAMES.get(said) or _named(said)
        if size is not None:
            end = at + int(size)
            if buffer[end : end + 2] != b"\r\n":
                raise Left
            entries[name] = buffer[at:end]
            at = end + 2
        elif plain in _COMMON:
            entries[name] = _COMMON[plain]
        else:
            entries[name] = _PLAIN[plain[:1]](plain[1:])
    return entries, at


def _named(said: bytes) -> str:
    """The name behind its length, remembered: answers have the same few."""
    length, _, name = said[1:].partition(b"\r\n")
    if int(length) != len(name):
        raise Left
    if len(_NAMES) < _NAMES_MAX:
        _NAMES[said] = name.decode()
    return name.decode()


def _bulk(buffer: bytes, at: int, size: int) -> tuple[bytes, int]:
    end = at + size
    if buffer[end : end + 2] != b"\r\n":
        raise Left
    return buffer[at:end], end + 2


def _int(text: bytes) -> int:
    if not _number(text):
        raise Left
    return int(text)


def _float(text: bytes) -> float:
    if not _fraction(text):
        raise Left
    return float(text)


def _bool(text: bytes) -> bool:
    if text not in {b"t", b"f"}:
        raise Left
    return text == b"t"


def _null(text: bytes) -> None:
    if text:
        raise Left


_PLAIN: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b":": _int,
    b",": _float,
    b"#": _bool,
    b"_": _null,
}
