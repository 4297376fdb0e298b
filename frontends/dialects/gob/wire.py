"""The atoms of gob: unsigned and signed integers, floats, and counted bytes.

An unsigned integer below 128 is one byte; else its big-endian bytes follow a byte that holds their
number, negated. A signed one has its sign in the lowest bit; a float is its bytes in reverse.
"""

import struct
from typing import Final

WIDEST: Final = 8
"""Bytes of the largest integer."""
_DOUBLE: Final = struct.Struct("<d")


class GobError(Exception):
    """These bytes are no gob, or go beyond a bound; or this value is none of its type."""


def put_uint(value: int) -> bytes:
    """An unsigned integer."""
    if 0 <= value < 0x80:
        return bytes((value,))
    if not 0 <= value < 1 << 64:
        raise GobError("an integer needs more than 64 bits")
    size = (value.bit_length() + 7) // 8
    return bytes((256 - size,)) + value.to_bytes(size, "big")


def put_int(value: int) -> bytes:
    """A signed integer."""
    if not -(1 << 63) <= value < 1 << 63:
        raise GobError("an integer needs more than 64 bits")
    return put_uint(~value << 1 | 1 if value < 0 else value << 1)


def put_float(value: float) -> bytes:
    """A float of 64 bits."""
    return put_uint(int.from_bytes(_DOUBLE.pack(value), "big"))


def put_bytes(value: bytes) -> bytes:
    """Bytes behind their count."""
    return put_uint(len(value)) + value


def put_text(value: str) -> bytes:
    """A string: its bytes behind their count."""
    try:
        return put_bytes(value.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        raise GobError("a string has lone surrogates") from None


def put_bool(value: bool) -> bytes:  # noqa: FBT001 - the value itself
    """A truth."""
    return b"\1" if value else b"\0"


def put_complex(value: complex) -> bytes:
    """Two floats."""
    return put_float(value.real) + put_float(value.imag)


class Cursor:
    """Reads atoms of one message after the other, never past the end of one."""

    __slots__ = ("_at", "_frame", "_frames", "_next")

    def __init__(self, frames: list[bytes]) -> None:
        """Begin in the first of these messages."""
        self._frames = frames
        self._frame = frames[0]
        self._next = 1
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes of this message that are not read yet."""
        return len(self._frame) - self._at

    def next_frame(self) -> bool:
        """Go on in the next message; False: it has not come yet."""
        if self._next == len(self._frames):
            return False
        self._frame = self._frames[self._next]
        self._next += 1
        self._at = 0
        return True

    def uint(self) -> int:
        """An unsigned integer."""
        at, frame = self._at, self._frame
        if at >= len(frame):
            raise GobError("a message ends too early")
        first = frame[at]
        if first < 0x80:
            self._at = at + 1
            return first
        size = 256 - first
        end = at + 1 + size
        if size > WIDEST:
            raise GobError("an integer needs more than 64 bits")
        if end > len(frame):
            raise GobError("a message ends too early")
        self._at = end
        return int.from_bytes(frame[at + 1 : end], "big")

    def int(self) -> int:
        """A signed integer."""
        value = self.uint()
        return ~(value >> 1) if value & 1 else value >> 1

    def float(self) -> float:
        """A float of 64 bits."""
        found: float = _DOUBLE.unpack(self.uint().to_bytes(8, "big"))[0]
        return found

    def bytes(self) -> bytes:
        """Bytes behind their count."""
        size = self.uint()
        if size > self.left:
            raise GobError("a message ends too early")
        self._at += size
        return self._frame[self._at - size : self._at]

    def text(self) -> str:
        """A string; what is no UTF-8 comes as lone surrogates."""
        return self.bytes().decode("utf-8", "surrogateescape")

    def bool(self) -> bool:
        """A truth."""
        return self.uint() != 0

    def complex(self) -> complex:
        """Two floats."""
        return complex(self.float(), self.float())
