"""Tasks on the command line, worked off as a Go program does it: through the RPC port."""

from collections.abc import Iterator

import pytest

from tests.acceptance.served import GROUP, Server, settings
from tests.clients.typing_commands import Type
from tests.frontends.rpc.rpc_lines import RpcLines


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    rpc = {"port": 0, "group": GROUP}
    served = Server(tmp_path_factory.mktemp("tasks"), settings(rpc=rpc, http={"port": -1})).start()
    yield served
    served.close()


def test_a_task_from_end_to_end(typed: Type, server: Server) -> None:
    added = typed("task", "add", "reverse", "drawer")
    task = added.out.strip()
    assert (added.code, added.err) == (0, "")
    assert typed("task", "get", task, "-o", "json").json == {
        "id": task, "type": "reverse", "state": "ready",
        "input": "drawer", "output": None, "error": "",
    }  # fmt: skip
    with RpcLines.to(server) as program:
        taken = program.call("RpcHandler.TakeTaskByType", [["reverse"]])
        assert taken == {"Id": task, "Type": "reverse", "Input": "drawer", "Output": None}
        program.call("RpcHandler.FinishTask", [{"Id": task, "Output": "reward"}])
        shown = typed("task", "get", task)
        assert [line.split() for line in shown.out.splitlines()] == [
            ["id", task], ["type", "reverse"], ["state", "done"],
            ["input", "drawer"], ["output", "reward"],
        ]  # fmt: skip
        assert program.call("RpcHandler.GetTask", [task])["Output"] == "reward"


def test_a_task_of_a_go_program_is_read(typed: Type, server: Server) -> None:
    with RpcLines.to(server) as program:
        task = program.call("RpcHandler.AddTask", [{"Type": "t", "Input": 7}])
        found = typed("task", "get", task, "-o", "json").json
        assert (found["state"], found["input"]) == ("ready", "7.0")


def test_what_is_no_task(typed: Type) -> None:
    for words, code, said in (
        (("add", "t"), 2, "missing input parameters"),
        (("add", "", "x"), 2, "missing task type"),
        (("add", "t", "x", "--queue", "a\x01b"), 1, "invalid-name"),
        (("get", "nobody"), 1, "unknown-job"),
    ):
        refused = typed("task", *words)
        assert (refused.code, refused.out) == (code, "")
        assert said in refused.err


def test_an_empty_input_is_one(typed: Type) -> None:
    task = typed("task", "add", "t", "", "-o", "json").json["id"]
    assert typed("task", "get", task, "-o", "json").json["input"] == ""
