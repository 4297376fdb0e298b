"""A store's database in a process of its own, reached over a socket pair.

While the server is busy in Python a writer thread waits for the interpreter; a process does not,
and the cipher works on the other core.
"""

import os
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import trio

import engine
from engine.store import frames
from engine.store.errors import BY_CODE, NoMemory, StoreBroken, StoreError
from engine.store.links import Call
from engine.store.options import Options

READ = 256 * 1024
SECRETS = ("JOBYARD_SECRET", "SECRET")
GONE = "the store's writer process has ended"


class ChildLink:
    """Requests to the writer's process, answered in order."""

    def __init__(self, channel: socket.socket, process: trio.Process) -> None:
        self._channel = channel
        self._process = process
        self._received = bytearray()
        self._open_calls: deque[Call] = deque()
        self._turn = trio.Lock()
        self._gone = False

    @classmethod
    async def open(cls, path: Path, key: bytes, options: Options) -> "ChildLink":
        """Start the process and have it open the database.

        Raises:
            StoreError: what Database.open raises.
        """
        await trio.lowlevel.checkpoint()
        with trio.CancelScope(shield=True):
            link = await cls._started()
            try:
                await link.finish(link.start("open", str(path), key, tuple(options)))
            except BaseException:
                await link.aclose()
                raise
        return link

    @classmethod
    async def _started(cls) -> "ChildLink":
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        with theirs:
            try:
                process = await trio.lowlevel.open_process(
                    [sys.executable, "-P", "-m", "engine.store.writer"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
        return cls(ours, process)

    def start(self, name: str, *arguments: object) -> Call:
        """Send a request, as much of it as goes now.

        Raises:
            NoMemory: nothing was sent.
            StoreError: a value that cannot be sent.
        """
        call = Call(name)
        if self._gone:
            call.answer = (StoreBroken.code, GONE)
            return call
        try:
            call.unsent = memoryview(frames.encode((name, arguments)))
        except MemoryError as error:
            raise NoMemory(f"no memory to ask the writer: {name}") from error
        except ValueError as error:
            raise StoreError(f"a row holds a value that no column can keep: {error}") from error
        first = not any(earlier.unsent for earlier in self._open_calls)
        self._open_calls.append(call)
        if first:
            self._push(call)
        return call

    async def finish(self, call: Call) -> Any:
        """Wait for the answer; on the way the answers to earlier calls are taken in."""
        if call.answer is None:
            await self._take_turn()
            try:
                while call.answer is None:
                    await self._step()
            finally:
                self._turn.release()
        code, result = call.answer
        if code:
            raise BY_CODE[code](result)
        return result

    async def aclose(self) -> None:
        """Take in what is still to come, close our end, and wait until the process has ended."""
        with trio.CancelScope(shield=True):
            await self._take_turn()
            while self._open_calls:
                await self._step()
            self._channel.close()
            self._gone = True
            self._turn.release()
            await self._process.wait()

    async def _take_turn(self) -> None:
        try:
            self._turn.acquire_nowait()  # spares a trip through the scheduler
        except trio.WouldBlock:
            await self._turn.acquire()

    def _push(self, call: Call) -> bool:
        assert call.unsent is not None
        try:
            while call.unsent:
                call.unsent = call.unsent[self._channel.send(call.unsent) :]
        except BlockingIOError:
            return False
        except OSError:
            self._lose()
        return True

    async def _step(self) -> None:
        """Send or read once.

        The oldest call decides: unsent, the writer is reading; sent, it will answer before it
        reads on. So the two never wait for each other.
        """
        oldest = self._open_calls[0]
        if oldest.unsent:
            if not self._push(oldest):
                await trio.lowlevel.wait_writable(self._channel)
            return
        for waiting in self._open_calls:
            if waiting.unsent and not self._push(waiting):
                break
        if self._gone:
            return
        await trio.lowlevel.wait_readable(self._channel)
        try:
            received = self._channel.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._lose()
            return
        self._received += received
        for answer in frames.decode(self._received):
            self._open_calls.popleft().answer = answer

    def _lose(self) -> None:
        """The process is gone: nobody waits for it any more."""
        self._gone = True
        while self._open_calls:
            call = self._open_calls.popleft()
            call.answer = (StoreBroken.code, GONE)
            call.unsent = None


def _environment() -> dict[str, str]:
    """Ours without the secrets; the writer imports the same engine."""
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    assert engine.__file__ is not None
    root = str(Path(engine.__file__).parent.parent)
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = root if not inherited else os.pathsep.join((root, inherited))
    return environment
