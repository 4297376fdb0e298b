"""Bytes of a gob stream to values.

A value may go over several messages: where an interface holds a type that was not sent before, its
definition ends the message, and the value follows in the next. Until the last of them is there the
value is read anew with each that comes; all those tries share one bound of work.
"""

from typing import Final

from frontends.dialects.gob.reading import Bounds, Known, Reading, Received, Unfinished
from frontends.dialects.gob.wire import WIDEST, GobError

PART: Final = 512
"""Bytes that count as a part of a value each time it is read anew."""


class Decoder:
    """One direction of one connection."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        """Begin a stream."""
        self._bounds = bounds or Bounds()
        self._known = Known()
        self._buffer = bytearray()
        self._frames: list[bytes] = []
        """Whole messages that belong to no finished value."""
        self._size = 0
        """Their bytes."""
        self._parts = 0
        """What was spent on the value that they begin."""
        self._tried = 0
        """How many of them the last try had."""
        self._broken: GobError | None = None

    @property
    def idle(self) -> bool:
        """Whether the stream is between two values."""
        return not self._frames and not self._buffer

    def feed(self, chunk: bytes) -> None:
        """Bytes came in."""
        self._buffer += chunk

    def next(self) -> Received | None:
        """The next value, or None: more bytes are needed.

        Raises:
            GobError: the stream cannot be read; nothing can be read from it any more.
        """
        if self._broken is None:
            try:
                return self._next()
            except GobError as error:
                self._broken = error
        raise self._broken

    def _next(self) -> Received | None:
        while True:
            if len(self._frames) > self._tried:
                found = self._try()
                if found is not None:
                    return found
            if not self._take_frame():
                return None

    def _take_frame(self) -> bool:
        """Move one whole message out of the buffer, if there is one."""
        buffer = self._buffer
        if not buffer:
            return False
        head = 1 if buffer[0] < 0x80 else 1 + 256 - buffer[0]
        if head > 1 + WIDEST:
            raise GobError("an integer needs more than 64 bits")
        if len(buffer) < head:
            return False
        length = buffer[0] if head == 1 else int.from_bytes(buffer[1:head], "big")
        if not 0 < length <= self._bounds.value - self._size:
            raise GobError("a value is empty or larger than allowed")
        if len(buffer) < head + length:
            return False
        self._frames.append(bytes(buffer[head : head + length]))
        self._size += length
        del buffer[: head + length]
        return True

    def _try(self) -> Received | None:
        """Read what the messages hold; None: that was a definition, or the value goes on."""
        self._tried = len(self._frames)
        reading = Reading(self._frames, self._known, self._bounds, self._parts)
        try:
            found = reading.message()
        except Unfinished:
            self._parts = reading.parts + self._size // PART
            return None
        if reading.types:
            self._known.learn(reading.types, self._size, self._bounds)
        self._known.schemas.update(reading.schemas)
        self._frames.clear()
        self._size = self._parts = self._tried = 0
        return found
