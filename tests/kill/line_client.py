"""A client of the line protocol that tells answers from pushes and knows when it was cut off."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio

ANSWERS_WITHIN = 20.0
LISTING_MAX = 64 * 2**20


class CutOff(Exception):
    """The connection ended before the answer came."""


class LineClient:
    """One connection, one unanswered command at a time."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._pushed: list[dict[str, Any]] = []

    async def ask(self, line: str) -> str:
        """Send one command and wait for its answer; pushes that come first are kept."""
        try:
            await self._stream.send_all(line.encode() + b"\n")
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise CutOff from error
        with trio.fail_after(ANSWERS_WITHIN):
            while True:
                answer = await self._line()
                if not answer.startswith('{"Job":'):
                    return answer
                self._pushed.append(json.loads(answer)["Job"])

    async def pushed(self) -> dict[str, Any]:
        """The next job pushed to this connection."""
        if self._pushed:
            return self._pushed.pop(0)
        line = await self._line()
        assert line.startswith('{"Job":'), line
        job: dict[str, Any] = json.loads(line)["Job"]
        return job

    async def listing(self, line: str) -> list[dict[str, Any]]:
        """A command answered with a JSON list."""
        found: list[dict[str, Any]] = json.loads(await self.ask(line)) or []
        return found

    async def _line(self) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            assert len(self._buffer) < LISTING_MAX
            try:
                received = await self._stream.receive_some(65536)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                raise CutOff from error
            if not received:
                raise CutOff
            self._buffer += received
        line = self._buffer[:end].decode()
        del self._buffer[: end + 1]
        return line


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[LineClient]:
    """A connection that is logged in and has its group."""
    try:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
    except OSError as error:
        raise CutOff from error
    async with stream:
        client = LineClient(stream)
        assert await client.ask("AUTH ada enchantress") == "Welcome!"
        assert await client.ask("USE_GROUP yard") == "OK"
        yield client
