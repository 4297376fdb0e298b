"""The simulation's JSON-RPC: what a server may answer, and a connection that was lost."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from jobyard.errors import ConnectionLost, Forbidden, LoginRefused, ProtocolError, Unreachable
from jobyard.simulation.json_rpc import JsonRpc
from jobyard.url import Address
from tests.clients.loops import both_loops, under

Answer = Callable[[dict[str, Any]], bytes]


def right(call: dict[str, Any]) -> bytes:
    result = {"ok": True} if call["method"] == "login" else {"job": call["params"]["payload"]}
    return json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode() + b"\n"


def refused(code: str) -> Answer:
    def answer(call: dict[str, Any]) -> bytes:
        error = {"code": -32000, "message": "no", "data": {"code": code}}
        return json.dumps({"jsonrpc": "2.0", "id": call["id"], "error": error}).encode() + b"\n"

    return answer


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A server that answers each call as the list says, and hangs up on an empty answer."""
    heard: list[dict[str, Any]] = []
    left = iter(answers)

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain, plain.makefile("rb") as lines:
                for line in lines:
                    heard.append(json.loads(line))
                    said = next(left)(heard[-1])
                    if not said:
                        break
                    plain.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@both_loops
def test_whoever_has_a_name_logs_in(loop: str) -> None:
    with answering(right, right) as (port, heard):

        async def body() -> None:
            async with JsonRpc(Address(port=port, user="ada", password="s", group="g")) as rpc:
                assert await rpc.publish("q", "t", "é") == "é"

        under(loop, body)
    assert [(call["method"], call["params"]) for call in heard] == [
        ("login", {"user": "ada", "password": "s", "group": "g"}),
        ("enqueue", {"queue": "q", "type": "t", "payload": "é"}),
    ]


@both_loops
def test_a_refusal_leaves_the_connection(loop: str) -> None:
    with answering(refused("forbidden"), right) as (port, _):

        async def body() -> None:
            async with JsonRpc(Address(port=port)) as rpc:
                with pytest.raises(Forbidden):
                    await rpc.publish("q", "t", "1")
                assert await rpc.publish("q", "t", "2") == "2"

        under(loop, body)


def test_a_login_that_is_refused() -> None:
    with answering(refused("invalid-creds")) as (port, _):

        async def body() -> None:
            with pytest.raises(LoginRefused):
                await JsonRpc(Address(port=port, user="ada", password="s")).__aenter__()

        under("asyncio", body)


WRONG: Final = (
    b"[1]\n", b"7\n", b"nonsense\n", b"[" * 10_000 + b"\n", b'{"id":99,"result":{}}\n',
    b'{"id":1}\n', b'{"id":1,"error":5}\n', b'{"id":1,"error":{"data":{},"message":""}}\n',
    b"\xff\n",
)  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_an_answer_that_is_none(said: bytes) -> None:
    with answering(lambda _: said, right) as (port, _):

        async def body() -> None:
            async with JsonRpc(Address(port=port)) as rpc:
                with pytest.raises(ProtocolError):
                    await rpc.publish("q", "t", "1")
                assert await rpc.publish("q", "t", "2") == "2"

        under("asyncio", body)


@both_loops
def test_a_connection_that_is_lost_is_made_again(loop: str) -> None:
    with answering(lambda _: b"", right) as (port, _):

        async def body() -> None:
            async with JsonRpc(Address(port=port)) as rpc:
                with pytest.raises(ConnectionLost):
                    await rpc.publish("q", "t", "1")
                assert await rpc.publish("q", "t", "2") == "2"

        under(loop, body)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def body() -> None:
        with pytest.raises(Unreachable):
            await JsonRpc(Address(port=port)).__aenter__()

    under("asyncio", body)
