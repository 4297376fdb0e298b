"""A simulation against the real server, through every door at once, as it is typed."""

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from jobyard.blocking import BlockingClient
from jobyard.simulation.account import Account
from tests.acceptance.served import (
    GROUP,
    PASSWORD,
    USER,
    WITHIN,
    Server,
    command,
    environment,
    settings,
)
from tests.clients.conftest import url_of
from tests.clients.typing_commands import Said, Type
from tests.frontends.rpc.rpc_lines import rpc_port

QUICK: Final = ("--seconds", "20", "--rate", "100", "--jobs", "30", "--seed", "3")
READER: Final = "bo"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    said = settings(rpc={"port": 0, "group": GROUP}, http={"port": 0})
    rights = [{"slug": GROUP, "rights": ["publish", "read"]}]
    said["users"].append({"username": READER, "password": PASSWORD, "groups": rights})
    served = Server(tmp_path_factory.mktemp("simulated"), said).start()
    yield served
    served.close()


@pytest.fixture
def ports(server: Server) -> list[str]:
    told = server.log.event("serving")
    assert told is not None
    web = told["http"][0].rpartition(":")[2]
    return ["--http-port", web, "--rpc-port", str(rpc_port(server))]


def rows(said: Said) -> dict[str, dict[str, Any]]:
    return {row["door"]: row for row in said.json}


def test_every_door_is_accounted_for(typed: Type, ports: list[str], queue: str) -> None:
    said = typed(
        "simulate", "--through", "tcp,http,rpc", "--queue", queue, *QUICK, *ports, "-o", "json"
    )
    assert (said.code, said.err) == (0, "")
    found = rows(said)
    assert [row["published"] for row in found.values()] == [10, 10, 10, 30]
    whole = found["all"]
    assert whole["done"] + whole["failed"] == 30
    assert whole["failed"] > 0
    assert [whole[name] for name in ("canceled", "waiting", "reserved", "missing", "refused")] == (
        [0] * 5
    )


def test_without_workers_everything_waits(typed: Type, queue: str, client: BlockingClient) -> None:
    client.publish(queue, "t")  # somebody else's
    said = typed("simulate", "--no-workers", "--queue", queue, *QUICK, "-o", "json")
    assert (said.code, said.err) == (0, "")
    assert [(row["door"], row["published"], row["waiting"]) for row in said.json] == [
        ("tcp", 30, 30), ("all", 30, 30),
    ]  # fmt: skip
    assert client.counts(queue).states["ready"] == 31


def test_a_job_that_went_is_missing(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Account.note

    def losing(self: Account, door: str, job: str) -> None:
        if self.published == 7:
            client.delete(job)
        note(self, door, job)

    monkeypatch.setattr(Account, "note", losing)
    said = typed("simulate", "--no-workers", "--queue", queue, *QUICK)
    assert said.code == 1
    assert said.out.splitlines()[-2].split() == ["all", "30", "0", "0", "0", "29", "0", "1", "0"]
    assert said.out.endswith("Not everything that was published is accounted for.\n")


def test_refusals_are_counted(typed: Type, queue: str, client: BlockingClient) -> None:
    client.publish(queue, "t")
    client.drain(queue)
    said = typed("simulate", "--no-workers", "--queue", queue, *QUICK, "-o", "json")
    assert (said.code, said.err) == (0, "")
    assert [(row["published"], row["refused"]) for row in said.json] == [(0, 30), (0, 30)]


def test_ctrl_c_ends_with_the_table(server: Server, queue: str, tmp_path: Path) -> None:
    words = command("simulate", "--url", url_of(server), "--queue", queue, "--seconds", "600")
    process = subprocess.Popen(
        words, env=environment(tmp_path), stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert process.stdout is not None
        seen = process.stdout.readline()
        assert re.fullmatch(r"\d+ s  \w+  published \d+.*\n", seen)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=WITHIN)
        assert process.returncode == 0
        assert rest.splitlines()[-4].split()[0] == "DOOR"
        assert rest.endswith("Everything that was published is accounted for.\n")
    finally:
        process.kill()
        process.wait()


def test_a_terminal_is_drawn_on(server: Server, queue: str, tmp_path: Path) -> None:
    words = command("simulate", "--url", url_of(server), "--queue", queue, *QUICK)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words, env={**environment(tmp_path), "TERM": "xterm", "COLUMNS": "100"},
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path,
    )  # fmt: skip
    os.close(theirs)
    drawn = b""
    try:
        while chunk := os.read(ours, 65_536):
            drawn += chunk
    except OSError:  # as Linux says that a terminal was left
        pass
    assert process.wait(WITHIN) == 0
    os.close(ours)
    assert b"\x1b[" in drawn
    assert b"published" in drawn
    assert drawn.endswith(b"Everything that was published is accounted for.\r\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--through", "tcp,tcp"), ("--through", ""), ("--through", "udp"), ("--rate", "0"),
        ("--rate", "1001"), ("--jobs", "0"), ("--jobs", "10001"), ("--seconds", "0"),
        ("--seconds", "3601"), ("--settle", "3601"), ("--workers", "101"), ("--workers", "-1"),
        ("--http-port", "0"), ("--rpc-port", "65536"), ("--jobs", "1_0"), ("--jobs", "²"),
    ],
)  # fmt: skip
def test_everything_has_its_bounds(typed: Type, words: tuple[str, ...]) -> None:
    refused = typed("simulate", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err


def test_a_door_that_is_shut_ends_it_at_the_start(typed: Type, queue: str) -> None:
    said = typed("simulate", "--through", "tcp,rpc", "--rpc-port", "1", "--queue", queue)
    assert (said.code, said.out) == (3, "")


def test_who_may_not_work_is_told(server: Server, typed: Type, queue: str) -> None:
    wrong = url_of(server).replace(USER, READER)
    said = typed("simulate", "--url", wrong, "--queue", queue, "--seconds", "600")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("jobyard: forbidden")


def test_a_wrong_password_is_not_repeated(server: Server, typed: Type, queue: str) -> None:
    wrong = url_of(server).replace(PASSWORD, "guessed")
    said = typed("simulate", "--url", wrong, "--queue", queue)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("jobyard: invalid-creds")
    assert "guessed" not in said.err
