"""A connection whose server reads and writes a stream, as the doors of HTTP and RPC do."""

from collections.abc import Callable
from random import Random

import trio

from jobyard.soak.wire import Deliver, Wire


class Pipe(Wire):
    """Both directions of one connection; the server's end is `stream`."""

    def __init__(self, name: str, dice: Random, hear: Deliver, lost: Callable[[], None]) -> None:
        super().__init__(name, dice, self._down, lost)
        self.stream = ServerStream(self)
        self._tell = hear

    def drop(self) -> None:
        """Let the server know that nobody is there any more."""
        self.cut()
        self.stream.end()

    def _down(self, part: bytes, sent: float) -> None:
        if part:
            self._tell(part, sent)
        else:
            self.cut()

    def _may_read(self) -> bool:
        return True

    def _arrive(self, part: bytes, _: float) -> None:
        self.stream.feed(part)


class ServerStream(trio.abc.HalfCloseableStream):
    """What the server's task sees of a pipe."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._came = bytearray()
        self._over = False
        self._closed = False
        self._bell = trio.Event()
        self._room = trio.Event()
        pipe.down.on_room = self._look

    def feed(self, part: bytes) -> None:
        """Bytes of the client are here."""
        self._came += part
        self._bell.set()

    def end(self) -> None:
        """No more comes."""
        self._over = True
        self._look()

    def _look(self) -> None:
        self._bell.set()
        self._room.set()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """What came; nothing: no more does."""
        await trio.lowlevel.checkpoint()
        while not (self._came or self._over or self._closed):
            self._bell = trio.Event()
            await self._bell.wait()
        if self._closed:
            raise trio.ClosedResourceError
        most = len(self._came) if max_bytes is None else max_bytes
        part = bytes(self._came[:most])
        del self._came[:most]
        return part

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Taken as soon as there is room; a pipe that is known to be broken takes nothing."""
        await trio.lowlevel.checkpoint()
        while self._pipe.down.waiting >= self._pipe.window and not (self._over or self._closed):
            self._room = trio.Event()
            await self._room.wait()
        if self._closed:
            raise trio.ClosedResourceError
        if self._over:
            raise trio.BrokenResourceError
        if data and not self._pipe.broken:
            self._pipe.down.put(bytes(data))

    async def wait_send_all_might_not_block(self) -> None:
        """There is always room."""
        await trio.lowlevel.checkpoint()

    async def send_eof(self) -> None:
        """Hang up once all is said."""
        await trio.lowlevel.checkpoint()
        self._hang_up()

    async def aclose(self) -> None:
        """The same; nothing is read any more."""
        self._hang_up()
        self._closed = True
        self._look()
        await trio.lowlevel.checkpoint()

    def _hang_up(self) -> None:
        if not self._pipe.broken:
            self._pipe.down.put(b"")
