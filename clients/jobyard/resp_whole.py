"""Reading RESP 3 values that are there whole, the common case: several times as fast.

It knows maps, arrays and plain values, and walks over lines that were cut at one stroke. What is
incomplete or anything else it leaves to `resp.Reader`, which has the last word on what is wrong.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

_END: Final = b"\r\n"
_name: Final = re.compile(rb"[a-z_]{1,40}").fullmatch
_DEPTH_MAX: Final = 8
_DIGITS_MAX: Final = 8
_COUNT_DIGITS_MAX: Final = 6
_integer: Final = re.compile(rb"-?[0-9]{1,18}").fullmatch
_decimal: Final = re.compile(rb"-?[0-9]{1,18}(?:\.[0-9]{1,18})?").fullmatch
_NAMES_MAX: Final = 1_000
_NAMES: Final[dict[bytes, tuple[bytes, str]]] = {}
"""The line before a name in a map, and the name: answers have the same few."""
_COMMON: Final[dict[bytes, Any]] = {
    b"_": None, b"#t": True, b"#f": False, b":0": 0, b":1": 1, b",0.0": 0.0,
}  # fmt: skip
"""What most fields are."""
_SIZES: Final = {b"$%d" % size: size for size in range(1_024)}
"""The line before most values that are bytes."""


class Left(Exception):
    """Not read here."""


def cut(chunk: bytes) -> list[bytes]:
    """The whole lines of a chunk. Bytes that hold line ends are several of them."""
    lines = chunk.split(_END)
    lines.pop()
    return lines


def size_of(chunk: bytes, lines: list[bytes], count: int) -> int:
    """How many bytes of a chunk its first `count` lines were: few are left, as a rule."""
    rest = lines[count:]
    unfinished = len(chunk) - chunk.rfind(_END) - len(_END) if lines else len(chunk)
    return len(chunk) - unfinished - sum(map(len, rest)) - len(_END) * len(rest)


def whole(lines: list[bytes], at: int, depth: int = 0) -> tuple[Any, int]:
    """The value that begins with line `at`, and where the next one does.

    Raises:
        IndexError: it is not complete.
        Left: it is not of the common kinds.
    """
    head = lines[at]
    if head in _COMMON:
        return _COMMON[head], at + 1
    kind, rest = head[:1], head[1:]
    if kind in _PLAIN:
        return _PLAIN[kind](rest), at + 1
    if depth > _DEPTH_MAX:
        raise Left
    if kind == b"$":
        return _bulk(lines, at + 1, _count(rest, _DIGITS_MAX))
    if kind == b"*":
        items = []
        at += 1
        for _ in range(_count(rest, _COUNT_DIGITS_MAX)):
            item, at = whole(lines, at, depth + 1)
            items.append(item)
        return items, at
    if kind == b"%":
        return _map(lines, at + 1, _count(rest, _COUNT_DIGITS_MAX), depth + 1)
    raise Left


def _map(lines: list[bytes], at: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    entries: dict[str, Any] = {}
    for _ in range(count):
        known = _NAMES.get(lines[at + 1])
        if known is not None and known[0] == lines[at]:
            name = known[1]
            at += 2
        else:
            name, at = _named(lines, at, depth)
        head = lines[at]
        if head in _SIZES and len(value := lines[at + 1]) == _SIZES[head]:
            entries[name] = value
            at += 2
        elif head in _COMMON:
            entries[name] = _COMMON[head]
            at += 1
        elif (plain := _PLAIN.get(head[:1])) is not None:
            entries[name] = plain(head[1:])
            at += 1
        else:
            entries[name], at = whole(lines, at, depth)
    return entries, at


def _named(lines: list[bytes], at: int, depth: int) -> tuple[str, int]:
    """A name in a map, remembered."""
    key, after = whole(lines, at, depth)
    if type(key) is not bytes:
        raise Left
    name = key.decode("utf-8", "replace")
    if len(_NAMES) < _NAMES_MAX and _name(key):
        _NAMES[key] = (lines[at], name)
    return name, after


def _bulk(lines: list[bytes], at: int, size: int) -> tuple[bytes, int]:
    length = len(lines[at])
    last = at
    while length < size:
        last += 1
        length += len(_END) + len(lines[last])
    if length != size:
        raise Left
    return _END.join(lines[at : last + 1]), last + 1


def _count(text: bytes, digits: int) -> int:
    if len(text) > digits or not text.isdigit():
        raise Left
    return int(text)


def _int(text: bytes) -> int:
    if not _integer(text):
        raise Left
    return int(text)


@lru_cache(256)
def _float(text: bytes) -> float:  # most are times, and jobs that come together share some
    if not _decimal(text):
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
