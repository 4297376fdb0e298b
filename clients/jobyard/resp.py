"""RESP 3 as a client reads and writes it; no socket in sight.

Rule 1: what comes out does not depend on how the bytes were split into packets.
Rule 2: everything has a bound; past it the stream is given up with ProtocolError.
"""

import re
from collections.abc import Callable, Generator, Iterable
from typing import Any, Final

from attrs import frozen

from jobyard.errors import ProtocolError
from jobyard.resp_whole import Left, cut, size_of, whole

BULK_MAX: Final = 64 * 2**20
"""Bytes of one value."""
ITEMS_MAX: Final = 1_000_000
"""Entries of one array or map."""
DEPTH_MAX: Final = 16
_LINE_MAX: Final = 65_536
_COMPACT_AT: Final = 65_536
"""Bytes already read that are worth moving the rest for."""
_integer: Final = re.compile(rb"[+-]?[0-9]{1,19}").fullmatch
_float: Final = re.compile(
    rb"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?|inf)"
).fullmatch

Value = Any
"""str (a status), int, float, bool, bytes, None, list, dict with text keys, Failure or Push."""


@frozen
class Failure:
    """An error answer, without its leading `-`."""

    text: str


@frozen
class Push:
    """What nobody asked for."""

    items: list[Value]


def request(words: Iterable[bytes]) -> bytes:
    """A command as the array of bulk strings that servers take."""
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n%b" % (len(parts), b"".join(parts))


class Reader:
    """The bytes of one connection, cut into values."""

    __slots__ = ("_at", "_buffer", "_fresh", "_parsing", "_seen")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._seen = 0
        """Before it, from `_at` on, there is no line end."""
        self._parsing: Generator[None, None, Value] | None = None
        self._fresh = False
        """Something came in, and a long array has not yet taken what of it is there whole."""

    def feed(self, chunk: bytes) -> list[Value]:
        """Bytes came in; the values that are now complete, in order.

        Raises:
            ProtocolError: this is no RESP, or past a bound; the reader is of no use after it.
        """
        self._buffer += chunk
        self._fresh = True
        found: list[Value] = []
        while True:
            if self._parsing is None:
                self._at += _take_whole(bytes(self._buffer[self._at :]), found)
                if self._at == len(self._buffer):
                    break
                self._parsing = self._value(0)
            try:
                next(self._parsing)
            except StopIteration as done:
                self._parsing = None
                found.append(done.value)
            else:
                break
        if self._at == len(self._buffer) or self._at > _COMPACT_AT:
            del self._buffer[: self._at]
            self._at = self._seen = 0
        return found

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n", max(self._seen, self._at))) < 0:
            if len(self._buffer) - self._at > _LINE_MAX:
                raise ProtocolError("a line of the answer is too long")
            self._seen = max(self._at, len(self._buffer) - 1)
            yield
        line = bytes(self._buffer[self._at : end])
        self._at = self._seen = end + 2
        return line

    def _raw(self, length: int) -> Generator[None, None, bytes]:
        while len(self._buffer) < self._at + length + 2:
            yield
        end = self._at + length
        if self._buffer[end : end + 2] != b"\r\n":
            raise ProtocolError("a value of the answer is longer than it says")
        raw = bytes(self._buffer[self._at : end])
        self._at = self._seen = end + 2
        return raw

    def _value(self, depth: int) -> Generator[None, None, Value]:
        if depth > DEPTH_MAX:
            raise ProtocolError("the answer is nested too deeply")
        line = yield from self._line()
        kind, rest = line[:1], line[1:]
        if kind in _SIMPLE:
            return _SIMPLE[kind](rest)
        if kind in _LONG and rest == b"-1":
            return None
        if kind in {b"$", b"=", b"!"}:
            raw = yield from self._raw(_size(rest, BULK_MAX))
            return _finished(kind, raw)
        match kind:
            case b"*" | b"~":
                return (yield from self._items(_size(rest, ITEMS_MAX), depth))
            case b">":
                return Push((yield from self._items(_size(rest, ITEMS_MAX), depth)))
            case b"%":
                return (yield from self._map(_size(rest, ITEMS_MAX), depth))
            case b"|":  # attributes: said beside the value that follows
                yield from self._map(_size(rest, ITEMS_MAX), depth)
                return (yield from self._value(depth + 1))
            case _:
                raise ProtocolError("the answer is no RESP")

    def _items(self, count: int, depth: int) -> Generator[None, None, list[Value]]:
        items: list[Value] = []
        while len(items) < count:
            if self._fresh:
                self._fresh = False
                rest = bytes(self._buffer[self._at :])
                self._at += _take_items(rest, items, count, depth + 1)
            else:
                items.append((yield from self._value(depth + 1)))
        return items

    def _map(self, count: int, depth: int) -> Generator[None, None, dict[str, Value]]:
        found: dict[str, Value] = {}
        for _ in range(count):
            key = yield from self._value(depth + 1)
            if isinstance(key, bytes):
                key = key.decode("utf-8", "replace")
            if not isinstance(key, str | int):
                raise ProtocolError("the answer has a key that is no text")
            found[str(key)] = yield from self._value(depth + 1)
        return found


def _take_whole(chunk: bytes, found: list[Value]) -> int:
    """Read what is there whole, pushes of it too; how many bytes that was."""
    lines = cut(chunk)
    at = 0
    try:
        while at < len(lines):
            if lines[at] == b">2":
                word, after = whole(lines, at + 1, 1)
                value, at = whole(lines, after, 1)
                found.append(Push([word, value]))
            elif lines[at] == b"+OK":
                at += 1
                found.append("OK")
            else:
                value, at = whole(lines, at)
                found.append(value)
    except (Left, IndexError):
        pass
    return size_of(chunk, lines, at)


def _take_items(chunk: bytes, items: list[Value], count: int, depth: int) -> int:
    """Read entries that are there whole until there are `count`; how many bytes that was."""
    lines = cut(chunk)
    at = 0
    try:
        while len(items) < count:
            item, at = whole(lines, at, depth)
            items.append(item)
    except (Left, IndexError):
        pass
    return size_of(chunk, lines, at)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _failure(raw: bytes) -> Failure:
    return Failure(_text(raw))


def _int(text: bytes) -> int:
    if not _integer(text):
        raise ProtocolError("the answer has a number that is none")
    return int(text)


def _size(text: bytes, bound: int) -> int:
    size = _int(text)
    if not 0 <= size <= bound:
        raise ProtocolError("the answer has a length out of its bounds")
    return size


def _decimal(text: bytes) -> float:
    if not _float(text):
        raise ProtocolError("the answer has a number that is none")
    return float(text)


def _bool(text: bytes) -> bool:
    if text not in {b"t", b"f"}:
        raise ProtocolError("the answer has a truth that is none")
    return text == b"t"


def _null(text: bytes) -> None:
    if text:
        raise ProtocolError("the answer has a null that is something")


def _finished(kind: bytes, raw: bytes) -> Value:
    match kind:
        case b"$":
            return raw
        case b"=":  # three letters say what it is
            return raw[4:]
        case _:
            return _failure(raw)


_SIMPLE: Final[dict[bytes, Callable[[bytes], Value]]] = {
    b"+": _text, b"-": _failure, b":": _int, b"(": _int, b",": _decimal, b"#": _bool, b"_": _null,
}  # fmt: skip
_LONG: Final = frozenset({b"$", b"=", b"!", b"*", b"~", b">"})
