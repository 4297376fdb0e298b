"""A Go program, compiled here, works tasks off through both ports of RPC."""

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, Server, settings

SOURCE: Final = Path(__file__).parent / "go" / "tasks.go"
ATTEMPTS: Final = 4
TYPES: Final = (
    ("string", "15"), ("int", "15"), ("float64", "-2.5"), ("bool", "true"),
    ("[]uint8", "[1 2 255]"), ("int64", "-5"), ("main.Point", "{3 4}"), ("[]string", "[a ]"),
)  # fmt: skip

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled."""
    folder = tmp_path_factory.mktemp("go")
    built = folder / "tasks"
    subprocess.run(
        ["go", "build", "-o", built, SOURCE],
        check=True,
        timeout=240,
        env={
            "PATH": "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "GO111MODULE": "off",
            "GOFLAGS": "",
        },
    )
    return built


def rpc_settings(**more: Any) -> dict[str, Any]:
    rpc = {"port": 0, "page_port": 0, "group": GROUP}
    return settings(rpc=rpc, jobs={"max_attempts": ATTEMPTS}, http={"port": -1}, **more)


@needs_go
def test_tasks_keep_their_types_through_both_ports(program: Path, tmp_path: Path) -> None:
    server = Server(tmp_path, rpc_settings()).start()
    try:
        told = server.log.event("serving")
        assert told is not None
        calls, page = told["rpc"]
        done = subprocess.run(
            [program, calls, page], capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.splitlines() == list(expected())
        with Line.to(server.port).log_in() as line:
            listed = line.jobs("tasks")
            assert [job["Payload"] for job in listed if job["Type"] == "fails"] == ["y"]
            assert sum(job["Type"] == "many" for job in listed) == 20
    finally:
        server.close()


def expected() -> Any:
    for kind, shown in TYPES:
        yield "AddTask id <nil>"
        yield f"TakeTaskByType {kind} {shown} <nil> <nil> <nil>"
        yield "FinishTask <nil> <nil>"
        yield f"GetTask {kind} {shown} {kind} {shown} <nil>"
        yield f"GetTask {kind} {shown} {kind} {shown} <nil>"
    yield "TakeTask <nil> <nil>"
    yield "AddTask <nil> missing task type"
    yield "AddTask <nil> missing input parameters"
    yield "GetTask <nil> missing task in queue"
    yield "NoSuchMethod <nil> rpc: can't find method RpcHandler.NoSuchMethod"
    yield (
        "AddTask <nil> gob: type mismatch in decoder: "
        "want struct type structures.Task; got non-struct"
    )
    yield "AddTask id <nil>"
    for _ in range(ATTEMPTS):
        yield "TakeTask string y <nil> <nil> <nil>"
        yield "RetryTask <nil> <nil>"
    yield "TakeTask <nil> <nil>"
    yield "in flight 20"
    yield "AddTask <nil>"
    yield "TakeTaskByType <nil> true"
    yield "TakeTaskByType <nil> true"
    yield "RetryTask <nil>"
    yield "TakeTaskByType <nil> 1.5"
    yield "FinishTask <nil>"
    yield "GetTask <nil> done"
    yield "GetTask missing task in queue"
