"""A blocking client of a server's RPC port, in Go's version of JSON-RPC."""

import json
import socket
from itertools import count
from typing import Any, Self

from tests.acceptance.served import WITHIN, Server


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
        said = {"method": method, "params": params, "id": next(self._numbers)}
        self._plain.sendall(json.dumps(said).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        assert answer["error"] is None, answer
        return answer["result"]


def rpc_port(server: Server) -> int:
    told = server.log.event("serving")
    assert told is not None
    return int(told["rpc"][0].rpartition(":")[2])
