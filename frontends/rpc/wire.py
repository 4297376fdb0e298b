"""The bytes of one RPC connection: read in chunks, written once a batch of answers."""

from collections.abc import Callable
from typing import Final

import trio

CHUNK: Final = 64 * 1024
MOST_UNSENT: Final = 4 * 1024 * 1024
"""Bytes of answers past which nothing more is read."""
WRITING: Final = 60.0
"""Seconds that a client may leave what was sent to it unread."""
LINGER: Final = 1.0
"""Seconds that a client has to take an answer before its connection ends."""


class Wire:
    """A stream, and what has still to be written to it."""

    def __init__(self, stream: trio.SocketStream, dirty: Callable[["Wire"], None]) -> None:
        """`dirty` is called when there is something to write, to have `flush` called in time."""
        self._stream = stream
        self._dirty = dirty
        self._parts: list[bytes] = []
        self._unsent = 0
        self._bell = trio.Event()
        self._room = trio.Event()
        self._ending = False

    @property
    def full(self) -> bool:
        """Whether the client should read before it says more."""
        return self._unsent > MOST_UNSENT

    def say(self, part: bytes) -> None:
        """Have a whole answer written with the next flush."""
        if not self._parts:
            self._dirty(self)
        self._parts.append(part)
        self._unsent += len(part)

    def flush(self) -> None:
        """Write now what was said."""
        self._bell.set()

    def end(self) -> None:
        """Write what was said, then nothing more."""
        self._ending = True
        self._bell.set()

    async def wait_changed(self) -> None:
        """Return when something was written, and with it when something was answered."""
        await self._room.wait()

    async def read(self) -> bytes:
        """The next bytes; none: the client sends no more.

        Raises:
            trio.BrokenResourceError: the connection is gone.
        """
        return bytes(await self._stream.receive_some(CHUNK))

    async def write(self) -> None:
        """Write whatever is said until `end`.

        Raises:
            trio.BrokenResourceError: the connection is gone, or its client does not read.
        """
        while self._parts or not self._ending:
            if not self._parts:
                await self._bell.wait()
            self._bell = trio.Event()
            parts, self._parts = self._parts, []
            with trio.move_on_after(WRITING) as scope:
                await self._stream.send_all(b"".join(parts))
            if scope.cancelled_caught:
                raise trio.BrokenResourceError
            self._unsent -= sum(map(len, parts))
            self._room.set()
            self._room = trio.Event()

    async def answer(self, whole: bytes) -> None:
        """Write one answer, and let the client have it before the connection ends."""
        with trio.move_on_after(WRITING):
            await self._stream.send_all(whole)
            await self._stream.send_eof()
        with trio.move_on_after(LINGER):
            while await self.read():
                pass
