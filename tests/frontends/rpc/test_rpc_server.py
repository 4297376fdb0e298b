"""RPC over real sockets: the page, both kinds of call, and how connections end."""

import attrs
import pytest
import trio

from config.sections import Rpc
from config.settings import Settings
from config.users import Grant, Group, User
from tests.frontends.rpc.serving import (
    GoStream,
    ask,
    go_stream,
    json_client,
    served,
    with_limits,
)

SETTINGS = Settings(
    groups=(Group("default"), Group("g")),
    users=(User("ada", password="secret", groups=(Grant("g"),)),),
    rpc=Rpc(port=8090),
)
BASIC = b"Authorization: Basic YWRhOnNlY3JldA==\r\n"


async def test_the_page_is_on_every_path_and_method() -> None:
    async with served() as (_, port, _):
        for line in (
            b"GET /",
            b"POST /",
            b"GET /foo/bar?x=1",
            b"PUT /x",
            b"CONNECT /x",
            b"DELETE /",
        ):
            heard = await ask(port, line + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = heard.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"), line
            assert body.startswith(b"Current time is: 20")
            assert body.endswith(b"\nWait:\t\t0\nProgress:\t0\nDone:\t\t0\n\nDone list:\n")


async def test_what_else_is_said_to_http() -> None:
    async with served() as (_, port, _):
        refused = await ask(port, b"GET /_goRPC_ HTTP/1.1\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; ")
        assert refused.endswith(b"\r\n\r\n405 must CONNECT\n")
        listed = await ask(port, b"GET /debug/rpc HTTP/1.1\r\n\r\n")
        assert b"text/html" in listed
        assert b"RpcHandler.TakeTaskByType" in listed
        head = await ask(port, b"HEAD / HTTP/1.1\r\n\r\n")
        assert head.endswith(b"\r\n\r\n")
        assert await ask(port, b"\x16\x03\x01\x02\x00\x01") == b""
        assert await ask(port, b"SSH-2.0-x\r\n\r\n") == b""


async def test_a_go_program_works_a_task_off() -> None:
    async with served() as (_, port, _):
        client, worker = await go_stream(port), await go_stream(port)
        async with client.stream, worker.stream:
            added = await client.call("AddTask", {"Type": "fibonacci", "Input": {"int": 15}})
            job = added.value["id"]
            taken = await worker.call("TakeTaskByType", ["fibonacci"])
            assert taken.value == {"Id": job, "Type": "fibonacci", "Input": {"int": 15}}
            finished = await worker.call("FinishTask", {"Id": job, "Output": {"int": 610}})
            assert (finished.error, finished.value) == ("", None)
            for _ in range(2):
                got = await client.call("GetTask", job)
                assert got.value["Output"] == {"int": 610}
            assert b"Input: 15  Output: 610\n" in await ask(port, b"GET / HTTP/1.1\r\n\r\n")


async def test_a_task_of_a_dead_worker_comes_back() -> None:
    async with served() as (_, port, _):
        client, worker = await go_stream(port), await go_stream(port)
        async with client.stream:
            job = (await client.call("AddTask", {"Type": "t", "Input": "x"})).value["id"]
            assert (await worker.call("TakeTask", {})).value["Id"] == job
            assert (await client.call("TakeTask", {})).value is None
            assert (await client.call("FinishTask", {"Id": job})).error == "missing task in queue"
            await worker.stream.aclose()
            assert (await _taken_soon(client))["Id"] == job


async def _taken_soon(client: GoStream) -> dict[str, object]:
    with trio.fail_after(10):
        while True:
            found = (await client.call("TakeTask", {})).value
            if found is not None:
                assert isinstance(found, dict)
                return found


async def test_who_sends_no_gob_is_hung_up_on_after_the_answers() -> None:
    async with served() as (_, port, _):
        client = await go_stream(port)
        async with client.stream:
            assert (await client.call("TakeTask", {})).value is None
            await client.stream.send_all(b"\xf0" + b"x" * 100)
            assert await client.stream.receive_some() == b""


async def test_another_machine_has_to_log_in() -> None:
    settings = attrs.evolve(SETTINGS, insecure_plaintext=True, rpc=Rpc(port=8090, group="g"))
    async with served(settings, host="0.0.0.0") as (_, port, _):
        refused = await ask(port, b"GET / HTTP/1.1\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 401 ")
        assert b"WWW-Authenticate: Basic" in refused
        assert (await ask(port, b"CONNECT /_goRPC_ HTTP/1.0\n\n")).startswith(b"HTTP/1.1 401 ")
        wrong = await ask(port, b"GET / HTTP/1.1\r\nAuthorization: Basic YWRhOng=\r\n\r\n")
        assert wrong.startswith(b"HTTP/1.1 401 ")
        welcome = await ask(port, b"GET / HTTP/1.1\r\n" + BASIC + b"\r\n")
        assert welcome.startswith(b"HTTP/1.1 200 ")
    async with served(SETTINGS, host="0.0.0.0") as (_, port, _):
        clear = await ask(port, b"GET / HTTP/1.1\r\n" + BASIC + b"\r\n")
        assert clear.startswith(b"HTTP/1.1 403 ")


async def test_whoever_is_one_too_many_is_let_go() -> None:
    async with served(with_limits(SETTINGS, connections=1)) as (server, port, _):
        client = await go_stream(port)
        async with client.stream:
            assert await ask(port, b"GET / HTTP/1.1\r\n\r\n") == b""
            assert server.statistics().refused == 1
            assert (await client.call("TakeTask", {})).error == ""


async def test_what_was_asked_is_answered_before_the_end() -> None:
    async with served() as (server, port, _):
        client = await json_client(port)
        await client.send(b'{"jsonrpc":"2.0","id":1,"method":"reserve","params":{"queue":"q"}}')
        assert (await client.hear())["result"] == {"jobs": []}
        server.stop_accepting()
        server.stop_reading()
        await server.drain(5)
        with pytest.raises(EOFError):
            await client.hear()
        assert server.statistics().connections == 0
        await client.close()
