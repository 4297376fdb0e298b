"""RPC on the real server beside its other doors: the same jobs, the same users, the same end."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from jobyard.blocking import BlockingClient
from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN, Server, settings
from tests.acceptance.test_stopping import EXITING, GRACE
from tests.frontends.rpc.rpc_lines import GobLines, RpcLines, rpc_port

ROOT: Final = {"username": "root", "password": PASSWORD, "groups": ["*"]}


def said(**more: Any) -> dict[str, Any]:
    made = settings(rpc={"port": 0, "group": GROUP}, **more)
    return {**made, "users": [*made["users"], ROOT]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("rpc"), said(http={"port": 0})).start()
    yield served
    served.close()


@pytest.fixture
def root(server: Server) -> Iterator[BlockingClient]:
    url = f"jobyard://root:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"
    with BlockingClient(url) as client:
        yield client


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def test_what_lines_publish_is_a_string_to_go(server: Server) -> None:
    with Line.to(server.port).log_in() as line, GobLines.to(server) as program:
        for payload in ("15", '{"a": 1}', "naïve ☃", "true"):
            job = line.publish("tasks", payload, "told")
            assert program.call("TakeTaskByType", ["told"]).value == {
                "Id": job, "Type": "told", "Input": payload,
            }  # fmt: skip


def test_what_go_adds_is_listed_to_lines(server: Server) -> None:
    with Line.to(server.port).log_in() as line, GobLines.to(server) as program:
        task = program.call("AddTask", {"Type": "listed", "Input": "from Go"}).value["id"]
        (job,) = [one for one in line.jobs("tasks") if one["Type"] == "listed"]
        assert (job["ID"], job["Payload"], job["State"]) == (task, "from Go", "pending")


@pytest.mark.parametrize(
    "value",
    [
        {"int": 7}, {"int": -(2**63)}, {"int": 2**63 - 1}, {"float64": 2.0}, {"float64": -0.1},
        {"bool": True}, {"bool": False}, {"[]uint8": "00ff"}, {"[]uint8": ""}, "7", "", "\0",
    ],
    ids=str,
)  # fmt: skip
def test_go_s_types_come_back_as_they_were(server: Server, value: Any) -> None:
    with GobLines.to(server) as program:
        task = program.call("AddTask", {"Type": "typed", "Input": value}).value["id"]
        taken = program.call("TakeTaskByType", ["typed"]).value
        assert taken == {"Id": task, "Type": "typed", "Input": value}
        assert program.call("FinishTask", {"Id": task, "Output": value}).value is None
        assert program.call("GetTask", task).value == {**taken, "Output": value}


def test_nil_is_no_input_and_may_be_an_output(server: Server) -> None:
    with GobLines.to(server) as program:
        refused = program.call("AddTask", {"Type": "nil", "Input": None})
        assert refused.error == "missing input parameters"
        task = program.call("AddTask", {"Type": "nil", "Input": "x"}).value["id"]
        program.call("TakeTaskByType", ["nil"])
        assert program.call("FinishTask", {"Id": task, "Output": None}).value is None
        assert program.call("GetTask", task).value == {"Id": task, "Type": "nil", "Input": "x"}
        assert program.call("TakeTaskByType", ["nil"]).value is None


def test_a_token_logs_in_until_it_is_dropped(server: Server, root: BlockingClient) -> None:
    token = root.add_token("deploy", GROUP, ["publish"])["token"]
    with RpcLines.to(server) as rpc:
        wrong = rpc.ask(call("login", token=token + "x"))
        assert wrong["error"]["data"]["code"] == "invalid-creds"
        assert rpc.ask(call("login", token=token))["result"] == {"ok": True}
        assert "job" in rpc.ask(call("enqueue", queue="q", type="t"))["result"]
        assert rpc.ask(call("counts", queue="q"))["error"]["data"]["code"] == "forbidden"
        root.drop_token("deploy")
        assert rpc.rest() == b""


def test_a_user_that_was_added_logs_in_until_dropped(server: Server, root: BlockingClient) -> None:
    root.add_user("eve", "typed-in", [GROUP])
    with RpcLines.to(server) as rpc, RpcLines.to(server) as other, GobLines.to(server) as program:
        assert rpc.ask(call("login", user="eve", password="typed-in"))["result"] == {"ok": True}
        assert "job" in rpc.ask(call("enqueue", queue="q", type="t"))["result"]
        root.drop_user("eve")
        assert rpc.rest() == b""
        assert "result" in other.ask(call("counts", queue="q"))
        assert program.call("TakeTaskByType", ["none"]).value is None


def test_a_user_that_was_added_may_be_the_resident(tmp_path: Path) -> None:
    server = Server(tmp_path, said(http={"port": -1})).start()
    try:
        with BlockingClient(f"jobyard://root:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}") as root:
            root.add_user("eve", "typed-in", {GROUP: ["read", "work"]})
        assert server.stop() == 0
        server.write({**said(http={"port": -1}), "rpc": {"port": 0, "group": GROUP, "user": "eve"}})
        server.start()
        with GobLines.to(server) as program:
            assert program.call("TakeTask", {}).value is None
            refused = program.call("AddTask", {"Type": "t", "Input": "x"})
            assert refused.error.startswith("forbidden")
    finally:
        server.close()


def test_the_gateway_counts_sessions_of_lines(server: Server) -> None:
    told = server.log.event("serving")
    assert told is not None
    commands = [f"AUTH {USER} {PASSWORD}", f"USE_GROUP {GROUP}", "LIST_SESSIONS", "HEALTH"]
    with Line.to(server.port).log_in() as line:
        own = line.read("CURRENT_SESSION")
        heard = httpx.post(f"http://{told['http'][0]}/gateway", json={"commands": commands})
        _, _, sessions, health = heard.json()["data"]
    assert own["Addr"] in [one["Addr"] for one in sessions]
    assert [one["Username"] for one in sessions] == [USER, USER]
    assert (health["NumSessions"], health["NumAuthed"]) == (2, 2)


def test_a_program_that_does_not_read_holds_no_stop_up(tmp_path: Path) -> None:
    server = Server(tmp_path, said(http={"port": -1}, stop={"grace": GRACE})).start()
    try:
        with RpcLines.to(server) as rpc:
            rpc.call("RpcHandler.AddTask", [{"Type": "t", "Input": "x" * 500_000}])
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", rpc_port(server)))
        listing = call("list", queue="tasks")
        with plain, RpcLines.to(server) as other:
            for number in range(40):
                plain.sendall(json.dumps({**listing, "id": number}).encode() + b"\n")
            plain.settimeout(WITHIN)
            assert plain.recv(1)
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < GRACE + EXITING
            assert other.rest() == b""
    finally:
        server.close()
