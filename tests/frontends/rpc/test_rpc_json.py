"""JSON-RPC over a connection: every command, batches, notifications, logins, pushes, both doors."""

import json
from typing import Any

import attrs
import pytest
import trio

from config.sections import Rpc
from config.settings import Settings
from config.users import Grant, Group, User
from tests.frontends.rpc.serving import JsonClient, go_stream, json_client, served, with_limits

SETTINGS = Settings(
    groups=(Group("default"), Group("g"), Group("h")),
    users=(
        User("ada", password="secret", groups=(Grant("g"),)),
        User("both", password="secret", groups=(Grant("g"), Grant("h", ("read",)))),
        User("reader", password="secret", groups=(Grant("default", ("read",)),)),
    ),
    rpc=Rpc(port=8090),
)
ELSEWHERE = attrs.evolve(SETTINGS, insecure_plaintext=True)


def code(answer: Any) -> str:
    found = answer["error"]["data"]["code"]
    assert isinstance(found, str)
    return found


async def enqueue(client: JsonClient, queue: str = "q", payload: str = "p") -> str:
    found = await client.result("enqueue", queue=queue, type="t", payload=payload)
    return str(found["job"])


async def test_a_job_from_end_to_end() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)
        job = await enqueue(client)
        (held,) = (await client.result("RESERVE", queue="q"))["jobs"]
        assert (held["id"], held["payload"], held["type"]) == (job, "p", "t")
        done = await client.call("done", params=[job, held["reservation"], "r"])
        assert done["result"] == {"ok": True}
        assert (await client.result("get", job=job))["job"]["result"] == "r"
        assert code(await client.call("done", params={"job": job})) == "reservation-lost"
        assert code(await client.call("get", params={"job": "no"})) == "unknown-job"
        assert code(await client.call("get", params={"job": 7})) == "invalid-value"
        assert code(await client.call("no_such")) == "unknown-command"
        await client.close()


async def test_what_nobody_waits_for_is_not_answered() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)
        await client.send(
            b'{"jsonrpc":"2.0","method":"enqueue","params":["q","t","p"]}'
            b'[{"jsonrpc":"2.0","method":"no_such"}]'
            b'{"jsonrpc":"2.0","method":"counts","params":["q"],"id":1}\n'
        )
        assert (await client.hear())["result"]["states"]["ready"] == 1
        await client.close()


async def test_a_batch_is_answered_at_once_in_its_order() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)
        batch: list[Any] = [
            {"jsonrpc": "2.0", "method": "reserve", "params": {"queue": "q", "wait": 5}, "id": "w"},
            {"jsonrpc": "2.0", "method": "enqueue", "params": ["q", "t", "p"]},
            7,
            {"jsonrpc": "2.0", "method": "no_such", "id": 2},
        ]
        await client.send(json.dumps(batch).encode())
        reserved, wrong, unknown = await client.hear()
        assert (reserved["id"], wrong["id"], unknown["id"]) == ("w", None, 2)
        assert len(reserved["result"]["jobs"]) == 1
        assert (wrong["error"]["code"], unknown["error"]["code"]) == (-32600, -32601)
        await client.close()


async def test_calls_are_answered_as_they_finish() -> None:
    async with served() as (_, port, _):
        client, other = await json_client(port), await json_client(port)
        await client.send(
            b'{"jsonrpc":"2.0","method":"reserve","params":{"queue":"q","wait":60},"id":1}\n'
            b'{"jsonrpc":"2.0","method":"health_counts","id":2}\n'
        )
        assert (await client.hear())["id"] == 2
        await enqueue(other)
        assert (await client.hear())["id"] == 1
        await client.close()
        await other.close()


async def test_what_is_no_json_is_said_so() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)
        await client.send(b'{"method":}{"jsonrpc":"2.0","method":"health_counts","id":1}')
        assert (await client.hear())["error"]["code"] == -32700
        assert (await client.hear())["id"] == 1
        await client.send(b"nonsense")
        assert (await client.hear())["error"]["code"] == -32700
        with pytest.raises(EOFError):
            await client.hear()
        await client.close()


async def test_more_than_may_be_unanswered_is_read_later() -> None:
    async with served(with_limits(SETTINGS, unanswered=3)) as (_, port, _):
        client, other = await json_client(port), await json_client(port)
        for n in range(5):
            await client.send(
                b'{"jsonrpc":"2.0","method":"reserve","params":{"queue":"q","wait":60},"id":%d}' % n
            )
        for n in range(5):
            await enqueue(other)
            assert (await client.hear())["id"] == n
        await client.close()
        await other.close()


async def test_whoever_is_elsewhere_logs_in_first() -> None:
    async with served(ELSEWHERE, host="0.0.0.0") as (_, port, place):
        client = await json_client(port)
        assert code(await client.call("counts", params=["q"])) == "not-logged"
        assert code(await client.call("RpcHandler.TakeTask", params=[{}])) == "not-logged"
        for params in ({}, {"user": 7}, ["ada"], {"user": "ada", "password": "secret", "x": 1}):
            said = code(await client.call("login", params=params))
            assert said in {"invalid-value", "invalid-creds"}
        too_many = ["ada", "secret", "g", "more"]
        assert code(await client.call("login", params=too_many)) == "invalid-value"
        assert code(await client.call("login", params=["ada", "wrong"])) == "invalid-creds"
        await client.send(
            b'{"jsonrpc":"2.0","method":"login","params":["ada","secret"],"id":1}'
            b'{"jsonrpc":"2.0","method":"enqueue","params":["q","t","p"],"id":2}'
        )
        assert (await client.hear())["result"] == {"ok": True}
        job = (await client.hear())["result"]["job"]
        assert (await client.result("get", job=job))["job"]["group"] == "g"
        assert place.login.statistics().refused == 2
        await client.close()


async def test_the_group_is_said_with_the_login() -> None:
    async with served(SETTINGS) as (_, port, _):
        client = await json_client(port)
        said = {"user": "both", "password": "secret", "group": "h"}
        assert code(await client.call("login", params={**said, "group": "x"})) == "forbidden-group"
        assert await client.result("login", **said) == {"ok": True}
        assert code(await client.call("enqueue", params=["q", "t", "p"])) == "forbidden"
        assert code(await client.call("get", params=["j"])) == "unknown-job"
        await client.close()


async def test_a_password_in_clear_is_not_taken_from_elsewhere() -> None:
    async with served(SETTINGS, host="0.0.0.0") as (_, port, _):
        client = await json_client(port)
        assert code(await client.call("login", params=["ada", "secret"])) == "plaintext-refused"
        await client.close()


async def test_the_resident_is_whom_the_settings_name() -> None:
    reader = attrs.evolve(SETTINGS, rpc=Rpc(port=8090, user="reader"))
    async with served(reader) as (_, port, _):
        client = await json_client(port)
        assert code(await client.call("enqueue", params=["q", "t", "p"])) == "forbidden"
        assert code(await client.call("users")) == "forbidden"
        await client.close()
    nobody = attrs.evolve(SETTINGS, rpc=Rpc(port=8090, user="nobody"))
    async with served(nobody) as (_, port, _):
        client = await json_client(port)
        assert code(await client.call("counts", params=["q"])) == "not-logged"
        await client.close()


async def test_what_reaches_into_every_group_needs_its_switch() -> None:
    async with served(SETTINGS) as (_, port, _):
        client = await json_client(port)
        assert code(await client.call("dump")) == "test-mode-disabled"
        assert code(await client.call("retry_all_now")) == "dispatch-disabled"
        await client.close()
    async with served(attrs.evolve(SETTINGS, test_mode=True)) as (_, port, _):
        client = await json_client(port)
        assert "queues" in await client.result("dump")
        await client.result("retry_all_now")
        await client.close()


async def test_jobs_are_pushed_to_whoever_subscribed() -> None:
    async with served() as (_, port, _):
        worker, client = await json_client(port), await json_client(port)
        assert await worker.result("subscribe_push", queue="q") == {"ok": True}
        job = await enqueue(client)
        pushed = await worker.hear()
        assert (pushed["method"], pushed["params"]["job"]["id"]) == ("job", job)
        assert await client.result("cancel", job=job) == {"ok": True}
        told = await worker.hear()
        assert (told["method"], told["params"]["job"]) == ("cancel", job)
        await worker.close()
        await client.close()


async def test_qmanagers_methods_in_go_s_version_of_json() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)

        async def call(method: str, argument: Any) -> Any:
            answer = await client.call(f"RpcHandler.{method}", version=None, params=[argument])
            assert set(answer) == {"id", "result", "error"}
            return answer["error"] if answer["result"] is None else answer["result"]

        assert await call("TakeTask", {}) == {}  # nil, as its client can bear it
        inputs: list[Any] = ["x", 2.5, 15, True, {"a": [1, None]}, []]
        for given in inputs:
            job = await call("AddTask", {"Type": "t", "Input": given})
            task = {"Id": job, "Type": "t", "Input": given, "Output": None}
            assert await call("TakeTaskByType", ["u", "t"]) == task
            assert await call("FinishTask", {"Id": job, "Output": given}) == {}
            assert await call("GetTask", job) == {**task, "Output": given}
        assert await call("AddTask", {"Input": "x"}) == "missing task type"
        assert await call("AddTask", {"Type": "t"}) == "missing input parameters"
        assert await call("GetTask", "nope") == "missing task in queue"
        assert await call("AddTask", 42) == (
            "json: cannot unmarshal into Go value of type structures.Task"
        )
        assert await call("Nope", 1) == "rpc: can't find method RpcHandler.Nope"
        empty = await client.call("RpcHandler.TakeTask", params=[{}])
        assert empty == {"jsonrpc": "2.0", "id": empty["id"], "result": None}
        await client.close()


async def test_an_argument_is_read_as_go_reads_it() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)

        async def call(method: str, *params: Any) -> Any:
            answer = await client.call(f"RpcHandler.{method}", version=None, params=params)
            return answer["error"] or answer["result"]

        job = await call("AddTask", {"type": "t", "INPUT": "x", "id": "theirs"})
        assert (await call("TakeTask", None))["Id"] == job
        assert await call("FinishTask", {"id": job, "output": "y"}) == {}
        assert (await call("GetTask", job))["Output"] == "y"
        assert await call("TakeTaskByType", None) == {}  # a nil slice
        assert await call("AddTask", None) == "missing task type"
        assert await call("GetTask", None) == "missing task in queue"
        await client.close()


async def test_qmanagers_errors_have_our_codes_in_version_2() -> None:
    async with served() as (_, port, _):
        client = await json_client(port)

        async def call(method: str, argument: Any) -> tuple[int, str, str]:
            error = (await client.call(f"RpcHandler.{method}", params=[argument]))["error"]
            return error["code"], error["message"], error["data"]["code"]

        assert await call("AddTask", {}) == (-32602, "missing task type", "invalid-value")
        assert await call("GetTask", "nope") == (-32000, "missing task in queue", "unknown-job")
        assert await call("AddTask", 42) == (
            -32602,
            "json: cannot unmarshal into Go value of type structures.Task",
            "invalid-value",
        )
        assert await call("Nope", 1) == (
            -32601,
            "rpc: can't find method RpcHandler.Nope",
            "unknown-command",
        )
        await client.close()


async def test_one_queue_behind_every_door() -> None:
    async with served() as (_, port, _):
        client, program = await json_client(port), await go_stream(port)
        async with program.stream:
            first = await enqueue(client, "tasks", "from json")
            taken = (await program.call("TakeTask", {})).value
            assert taken == {"Id": first, "Type": "t", "Input": "from json"}
            added = (await program.call("AddTask", {"Type": "u", "Input": {"int": 7}})).value["id"]
            (held,) = (await client.result("reserve", queue="tasks"))["jobs"]
            assert (held["id"], held["payload"], held["content_type"]) == (added, "7", "go/int")
            await client.result("done", job=added, result="8", result_type="go/int")
            got = (await program.call("GetTask", added)).value
            assert got["Output"] == {"int": 8}
        await client.close()


async def test_connections_of_a_user_that_is_no_more_are_closed() -> None:
    async with served() as (server, port, _):
        client = await json_client(port)
        await enqueue(client)
        server.replace_users(["somebody"], [])
        await enqueue(client)
        server.replace_users(["rpc"], [])
        with pytest.raises((EOFError, trio.BrokenResourceError)):
            await client.result("counts", queue="q")
        await client.close()
