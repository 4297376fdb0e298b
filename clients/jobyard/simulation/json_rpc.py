"""Jobs published by JSON-RPC over a connection, one call at a time."""

from types import TracebackType
from typing import Any, Final, Self

import anyio
import msgspec
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import frozen

from jobyard.connection import BROKEN
from jobyard.errors import FAMILIES, ConnectionLost, ProtocolError, Refusal, Unreachable
from jobyard.url import Address

_WITHIN: Final = 10.0
"""Seconds for a connection with its login, and for an answer."""
_LONGEST: Final = 1 << 20
"""Bytes of an answer."""


@frozen
class _Line:
    stream: SocketStream
    answers: BufferedByteReceiveStream


class JsonRpc:
    """A connection, made when it is needed and again after it was lost."""

    def __init__(self, address: Address) -> None:
        """Name the server: its RPC port, and who logs in, if anybody."""
        self._address = address
        self._line: _Line | None = None
        self._number = 0

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            Unreachable: nobody answers there.
            Refusal: the login or the group was refused.
        """
        await self._connected()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Hang up."""
        await self._hang_up()

    async def publish(self, queue: str, kind: str, payload: str) -> str:
        """Add a job and answer its id.

        Raises:
            Refusal: the server said no.
            ConnectionLost: it may or may not have been added.
            Unreachable: nobody answers there.
        """
        line = await self._connected()
        try:
            made = await self._call(
                line, "enqueue", {"queue": queue, "type": kind, "payload": payload}
            )
        except Refusal:
            raise
        except BaseException:
            await self._hang_up()  # an answer that comes later would be taken for the next
            raise
        return str(made["job"])

    async def _connected(self) -> _Line:
        if self._line is not None:
            return self._line
        where = self._address
        try:
            with anyio.fail_after(_WITHIN):
                stream = await anyio.connect_tcp(where.host, where.port)
        except (*BROKEN, TimeoutError) as error:
            raise Unreachable(f"{where.host}:{where.port}: {error}") from error
        self._line = line = _Line(stream, BufferedByteReceiveStream(stream))
        try:
            await self._log_in(line)
        except BaseException:
            await self._hang_up()
            raise
        return line

    async def _log_in(self, line: _Line) -> None:
        where = self._address
        if where.user:
            said = {"user": where.user, "password": where.password}
            await self._call(line, "login", said | ({"group": where.group} if where.group else {}))

    async def _call(self, line: _Line, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        said = {"jsonrpc": "2.0", "method": method, "params": params, "id": self._number}
        try:
            with anyio.fail_after(_WITHIN):
                await line.stream.send(msgspec.json.encode(said) + b"\n")
                raw = await line.answers.receive_until(b"\n", _LONGEST)
        except (*BROKEN, TimeoutError, anyio.DelimiterNotFound) as error:
            raise ConnectionLost(str(error) or "no answer came") from error
        return self._result(raw)

    def _result(self, raw: bytes) -> Any:
        try:
            answer = msgspec.json.decode(raw)
            if answer["id"] != self._number:
                raise ProtocolError("the answer is that of another call")
            if (error := answer.get("error")) is None:
                return answer["result"]
            code, sentence = error["data"]["code"], error["message"]
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError, RecursionError):
            raise ProtocolError("the answer is no JSON-RPC") from None
        raise FAMILIES.get(code, Refusal)(code, sentence)

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with anyio.CancelScope(shield=True):
                await anyio.aclose_forcefully(line.stream)
