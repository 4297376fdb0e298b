"""JSON values out of a stream, one after another, however it is cut.

Where a line is a value it is read at once; else brackets and strings are followed as they come, so
that no byte is looked at twice.
"""

import re
from collections.abc import Callable
from typing import Final, Generic, TypeVar

_SPACE: Final = b" \t\r\n"
_OPENING: Final = frozenset(b"{[")
_CLOSING: Final = frozenset(b"}]")
_TOKEN: Final = re.compile(rb'["{}\[\]]')
_TEXT: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_QUOTE: Final = 0x22

T = TypeVar("T")


class NotJson(Exception):
    """The stream has what begins no object and no array, or a value that is too long."""


class JsonValues(Generic[T]):
    """The values of one connection."""

    def __init__(self, read: Callable[[bytes], T | None], bound: int) -> None:
        """Begin.

        Args:
            read: makes something of a whole value; None: it is no JSON.
            bound: bytes of one value.
        """
        self._read = read
        self._bound = bound
        self._buffer = bytearray()
        self._start = 0
        """Where the value begins that is not complete."""
        self._at = 0
        """Everything before was followed."""
        self._depth = 0
        self._in_text = False

    def feed(self, chunk: bytes) -> None:
        """Bytes came in."""
        del self._buffer[: self._start]
        self._buffer += chunk
        self._at -= self._start
        self._start = 0

    def next(self) -> tuple[T | None] | None:
        """What was made of the next value; None: more bytes are needed.

        Raises:
            NotJson: nothing can be read from here any more.
        """
        if not self._depth:
            found = self._begin()
            if found is not None or not self._depth:
                return found
        return self._follow()

    def _begin(self) -> tuple[T | None] | None:
        """Find where the next value begins; and the value, if a line is one."""
        buffer, at, size = self._buffer, self._at, len(self._buffer)
        while at < size and buffer[at] in _SPACE:
            at += 1
        self._start = self._at = at
        if at == size:
            buffer.clear()  # a connection at rest keeps nothing of its last request
            self._start = self._at = 0
            return None
        if buffer[at] not in _OPENING:
            raise NotJson("every value is an object or an array")
        end = buffer.find(b"\n", at, at + self._bound)
        if end > 0:
            last = end - 1 if buffer[end - 1] != 0x0D else end - 2
            if buffer[last] in _CLOSING:
                found = self._read(bytes(buffer[at:end]))
                if found is not None:
                    self._start = self._at = end + 1
                    return (found,)
        self._at = at + 1
        self._depth = 1
        return None

    def _follow(self) -> tuple[T | None] | None:
        buffer, at, depth = self._buffer, self._at, self._depth
        while True:
            if self._in_text:
                at = _TEXT.match(buffer, at).end()  # type: ignore[union-attr]
                if at == len(buffer) or buffer[at] != _QUOTE:
                    break
                at += 1
                self._in_text = False
            token = _TOKEN.search(buffer, at)
            if token is None:
                at = len(buffer)
                break
            at = token.end()
            found = buffer[at - 1]
            if found == _QUOTE:
                self._in_text = True
            elif found in _OPENING:
                depth += 1
            else:
                depth -= 1
                if not depth:
                    raw = bytes(buffer[self._start : at])
                    self._start = self._at = at
                    self._depth = 0
                    self._check(len(raw))
                    return (self._read(raw),)
        self._at, self._depth = at, depth
        self._check(len(buffer) - self._start)
        return None

    def _check(self, size: int) -> None:
        if size > self._bound:
            raise NotJson("a value is longer than allowed")
