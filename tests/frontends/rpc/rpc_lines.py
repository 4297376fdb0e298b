"""Blocking clients of a server's RPC port: in JSON-RPC, and as a Go program."""

import json
import socket
from itertools import count
from typing import Any, Self

from tests.acceptance.served import WITHIN, Server
from tests.frontends.rpc.gob_client import Answer, GobClient


class RpcLines:
    """One connection, one call at a time."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self._answers = plain.makefile("rb")
        self._numbers = count(1)

    @classmethod
    def to(cls, server: Server) -> Self:
        return cls(socket.create_connection(("127.0.0.1", rpc_port(server)), WITHIN))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._plain.close()

    def call(self, method: str, params: Any) -> Any:
        """The result of a call, in Go's version."""
        answer = self.ask({"method": method, "params": params})
        assert answer["error"] is None, answer
        return answer["result"]

    def ask(self, said: dict[str, Any]) -> Any:
        """The whole answer to any call."""
        self.tell({**said, "id": next(self._numbers)})
        return json.loads(self._answers.readline())

    def tell(self, said: dict[str, Any]) -> None:
        """Say something, and read nothing."""
        self._plain.sendall(json.dumps(said).encode() + b"\n")

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        try:
            return self._answers.read()
        except ConnectionError:
            return b""


class GobLines:
    """A Go program, one call at a time."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self._client = GobClient(plain.sendall)

    @classmethod
    def to(cls, server: Server) -> Self:
        plain = socket.create_connection(("127.0.0.1", rpc_port(server)), WITHIN)
        plain.sendall(b"CONNECT /_goRPC_ HTTP/1.0\n\n")
        heard = b""
        while not heard.endswith(b"\n\n"):
            heard += plain.recv(1)
        assert heard == b"HTTP/1.0 200 Connected to Go RPC\n\n"
        return cls(plain)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._plain.close()

    def call(self, method: str, argument: Any) -> Answer:
        """What a call is answered."""
        seq = self._client.call(method, argument)
        heard: list[Answer] = []
        while not heard:
            chunk = self._plain.recv(1 << 16)
            assert chunk
            heard = self._client.hear(chunk)
        (answer,) = heard
        assert answer.seq == seq
        return answer


def rpc_port(server: Server) -> int:
    told = server.log.event("serving")
    assert told is not None
    return int(told["rpc"][0].rpartition(":")[2])
