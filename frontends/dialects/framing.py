"""Cutting a byte stream of the line protocol into requests: lines and arrays, mixed at will.

Rule 1: a request is cut by its own bytes alone, never by how they were split into packets.
Rule 2: a byte is copied a bounded number of times, however small the pieces it came in.
Rule 3: what is past its bound ends the reading; nothing after it can be understood.
"""

import re
from typing import Final

from attrs import frozen

WORDS_MAX: Final = 1024
"""Words of a request in array form."""
_HEADER_MAX: Final = 12
"""Bytes of `*<count>` or `$<length>` before their line end."""
_SHORT: Final = 2048
"""Bytes of an array that is cut at one stroke."""
_COUNTS: Final = {b"*%d\r\n" % count: count for count in range(1, 10)}
"""How such an array begins, and how many words it has."""
_LENGTHS: Final = [b"$%d" % length for length in range(_SHORT)]
_DOLLAR: Final = ord("$")
_count_of: Final = re.compile(rb"\*(-?[0-9]+)\r").fullmatch
_length_of: Final = re.compile(rb"\$([0-9]+)\r").fullmatch

_NOTHING: Final[list[bytes]] = []
"""The words of a connection at rest: it keeps none of its last request."""
_METHODS: Final = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE")
_STRANGERS: Final = (
    b"\x16\x03",
    b"CONNECT ",
    b"PRI * HTTP/2",
    *(method + target for method in _METHODS for target in (b" /", b" http", b" *")),
)
_STRANGER_MAX: Final = max(map(len, _STRANGERS))


@frozen
class Unreadable:
    """The stream cannot be read on; `code` names why, and an empty one is not worth an answer."""

    code: str
    sentence: str = ""


LINE_TOO_LONG: Final = Unreadable("line-too-long", "the request is longer than allowed")
MALFORMED: Final = Unreadable("protocol-error", "the request is no well-formed array")
STRANGER: Final = Unreadable("", "the client speaks HTTP or TLS")

Request = bytes | list[bytes]
"""A line without its end, or the words of an array."""


class Reader:
    """The bytes of one connection that are no request yet."""

    __slots__ = (
        "_at", "_buffer", "_greeted", "_lacking", "_length", "_seen", "_size", "_words", "newline",
    )  # fmt: skip

    def __init__(self) -> None:
        self.newline = False
        """Whether a line end has come in on this connection."""
        self._buffer: bytes | bytearray = b""
        self._at = 0
        """Where what is not read yet begins."""
        self._seen = 0
        """Before it there is no line end, from `_at` on."""
        self._greeted = False
        self._lacking = 0
        """Words that the array begun still lacks."""
        self._words: list[bytes] = []
        self._size = 0
        """Bytes of its words so far."""
        self._length = -1
        """Bytes of the word that comes next in it; -1: not said yet."""

    def feed(self, chunk: bytes) -> None:
        """Bytes came in."""
        if self._at == len(self._buffer):
            self._buffer, self._at, self._seen = chunk, 0, 0
            return
        buffer = self._buffer
        if isinstance(buffer, bytes):
            self._buffer = buffer = bytearray(memoryview(buffer)[self._at :])
        else:
            del buffer[: self._at]
        self._seen -= self._at
        self._at = 0
        buffer += chunk

    def next(self, bound: int) -> Request | Unreadable | None:
        """The next request, why there is none any more, or None: it is not complete yet.

        Args:
            bound: bytes that a line, or all words of an array, may have.
        """
        if not self._greeted:
            head = bytes(self._buffer[:_STRANGER_MAX])
            if head.startswith(_STRANGERS):
                return STRANGER
            self._greeted = len(head) == _STRANGER_MAX or b"\n" in head
        while not self._lacking:
            at = self._at
            if self._buffer[at : at + 1] == b"*" and (words := self._short(bound)):
                return words
            line = self._line(bound)
            if not isinstance(line, bytes):
                return line
            if line[-1:] != b"\r":
                return line
            if line[:1] != b"*" or len(line) > _HEADER_MAX or not (found := _count_of(line)):
                return line[:-1]
            count = int(found[1])
            self._lacking, self._words, self._size = max(0, count), [], 0
            if count > WORDS_MAX:
                return LINE_TOO_LONG
        return self._array(bound)

    def tail(self) -> bytes:
        """The line that has begun, after `next` said None; empty inside an array."""
        return b"" if self._lacking else bytes(self._buffer[self._at :])

    @property
    def pausing(self) -> bool:
        """Whether that line ends in a space."""
        return self._buffer[-1:] == b" " and self._at < len(self._buffer) and not self._lacking

    def take_tail(self) -> None:
        """That line was understood as it is."""
        self._drop_to(len(self._buffer))

    @property
    def in_array(self) -> bool:
        """Whether an array has begun."""
        return self._lacking > 0

    @property
    def empty(self) -> bool:
        """Whether nothing unread is left."""
        return self._at == len(self._buffer)

    def _line(self, bound: int) -> bytes | Unreadable | None:
        buffer, at = self._buffer, self._at
        end = buffer.find(b"\n", self._seen)
        if (len(buffer) if end < 0 else end) - at > bound:
            return LINE_TOO_LONG
        if end < 0:
            self._seen = len(buffer)
            return None
        line = bytes(buffer[at:end])
        self.newline = True
        self._drop_to(end + 1)
        return line

    def _short(self, bound: int) -> list[bytes] | None:
        """The words of a short array that is all there, none with a line end: most are so."""
        at = self._at
        there = bytes(self._buffer[at : at + _SHORT])
        count = _COUNTS.get(there[:4])
        if count is None:
            return None
        parts = there.split(b"\r\n", 2 * count + 1)
        rest = len(parts.pop())
        words = parts[2::2]
        whole = len(words) == count and parts[1::2] == [_LENGTHS[len(word)] for word in words]
        if not whole or sum(map(len, words)) > bound:
            return None
        self.newline = True
        self._drop_to(at + len(there) - rest)
        return words

    def _array(self, bound: int) -> list[bytes] | Unreadable | None:
        while self._lacking:
            if self._length < 0:
                buffer, at = self._buffer, self._at
                end = buffer.find(b"\r\n", at, at + _HEADER_MAX + 1)
                digits = buffer[at + 1 : end]
                if end > at and buffer[at] == _DOLLAR and digits.isdigit():
                    self._length = int(digits)
                    self._drop_to(end + 2)
                else:  # in pieces, or no header
                    header = self._line(_HEADER_MAX)
                    if header is None:
                        return None
                    found = _length_of(header) if isinstance(header, bytes) else None
                    if found is None:
                        return MALFORMED
                    self._length = int(found[1])
                self._size += self._length
                if self._size > bound:
                    return LINE_TOO_LONG
            buffer, at = self._buffer, self._at
            end = at + self._length
            if len(buffer) < end + 2:
                self._seen = at
                return None
            if buffer[end : end + 2] != b"\r\n":
                return MALFORMED
            self._words.append(bytes(buffer[at:end]))
            self._length = -1
            self._lacking -= 1
            self._drop_to(end + 2)
        words, self._words = self._words, _NOTHING
        return words

    def _drop_to(self, at: int) -> None:
        if at == len(self._buffer):
            self._buffer, at = b"", 0
        self._at = self._seen = at
