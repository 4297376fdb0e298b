"""One connection of the asynchronous client: answers find their askers in order.

Whatever is said while one waits goes out together: calls from many tasks share one connection.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
from anyio.abc import ByteStream

from jobyard.errors import ConnectionLost, ProtocolError
from jobyard.resp import Push, Reader, Value, request

_CHUNK: Final = 65_536
BROKEN: Final = (
    OSError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    anyio.IncompleteRead,
)
"""What a stream that went raises."""
Late = Callable[[Value | None], None]
"""Takes an answer whose asker left; None: it never came."""


class _Slot:
    """One command's place in the line of answers."""

    __slots__ = ("answer", "event", "late", "lost", "over")

    def __init__(self) -> None:
        self.event: anyio.Event | None = None
        """There once somebody waits for the answer."""
        self.answer: Value = None
        self.over = False
        self.lost = False
        self.late: Late | None = None

    async def wait(self) -> None:
        """Until the answer came, or cannot come any more."""
        if not self.over:
            self.event = self.event or anyio.Event()
            await self.event.wait()

    def end(self) -> None:
        """It came, or it is lost."""
        self.over = True
        if self.event is not None:
            self.event.set()
        if self.late is not None:
            self.late(None if self.lost else self.answer)


class Connection:
    """A stream with its answers; `read` and `write` run beside whoever asks."""

    def __init__(self, stream: ByteStream, take: Callable[[Push], None]) -> None:
        self.lost = anyio.Event()
        """Set once nothing more will come."""
        self.why = "the connection was closed"
        self._stream = stream
        self._take = take
        self._slots: deque[_Slot] = deque()
        self._out = bytearray()
        self._more = anyio.Event()

    async def ask(
        self, commands: Sequence[Sequence[bytes]], late: Late | None = None
    ) -> list[Value]:
        """Say commands together and wait for their answers.

        Args:
            commands: each as its words.
            late: gets the answer of the last one if the caller is cancelled meanwhile.

        Raises:
            ConnectionLost: some answer did not come.
        """
        if self.lost.is_set():
            raise ConnectionLost(self.why)
        slots = [self._say(words) for words in commands]
        try:
            await slots[-1].wait()
        except BaseException:
            slots[-1].late = late
            if slots[-1].over:
                slots[-1].end()
            raise
        if slots[-1].lost:
            raise ConnectionLost(self.why)
        return [slot.answer for slot in slots]

    def post(self, words: Sequence[bytes], late: Late | None = None) -> None:
        """Say a command whose answer nobody waits for; `late` gets it."""
        if not self.lost.is_set():
            self._say(words).late = late
        elif late is not None:
            late(None)

    async def read(self) -> None:
        """Hand out answers until the connection is gone."""
        reader = Reader()
        try:
            while True:
                for value in reader.feed(await self._stream.receive(_CHUNK)):
                    self._give(value)
        except ProtocolError as error:
            self._lose(str(error))
        except BROKEN as error:
            self._lose(str(error) or "the server closed the connection")
        finally:
            self._lose(self.why)

    async def write(self) -> None:
        """Send what was said, together where it gathered."""
        try:
            while True:
                await self._more.wait()
                self._more = anyio.Event()
                out, self._out = self._out, bytearray()
                await self._stream.send(bytes(out))
        except BROKEN as error:
            self._lose(str(error))

    async def flush(self, within: float) -> None:
        """Wait until everything said was answered, at most so many seconds."""
        if self._slots:
            with anyio.move_on_after(within):
                await self._slots[-1].wait()

    def _say(self, words: Sequence[bytes]) -> _Slot:
        slot = _Slot()
        self._slots.append(slot)
        self._out += request(words)
        self._more.set()
        return slot

    def _give(self, value: Value) -> None:
        if isinstance(value, Push):
            self._take(value)
            return
        if not self._slots:
            raise ProtocolError("the server answers what was not asked")
        slot = self._slots.popleft()
        slot.answer = value
        slot.end()

    def _lose(self, why: str) -> None:
        if self.lost.is_set():
            return
        self.why = why
        self.lost.set()
        while self._slots:
            slot = self._slots.popleft()
            slot.lost = True
            slot.end()


Greet = Callable[[Connection], Awaitable[None]]
"""What is said first on every new connection."""
