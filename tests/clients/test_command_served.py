"""The commands of single jobs against the real server, as they are typed."""

import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from jobyard.blocking import BlockingClient
from tests.acceptance.served import USER, Server, run
from tests.clients.typing_commands import Type, published


def test_a_job_with_everything_that_may_be_said(typed: Type, queue: str) -> None:
    job = published(
        typed, queue, "welcome", "hi", "--priority", "-5", "--delay", "90.5",
        "--time-to-live", "1000", "--content-type", "text/plain", "--unique-key", "k",
        "--unique-scope", "60", "--lease", "30", "--on-lapse", "fail", "--run-limit", "9",
        "--max-attempts", "none", "--backoff", '{"delays": [1, 5]}', "--keep-done", "7",
        "--keep-failed", "8", "--ready-at", "0",
    )  # fmt: skip
    found = typed("get", job, "-o", "json").json
    assert (found["id"], found["queue"], found["type"]) == (job, queue, "welcome")
    assert (found["payload"], found["content_type"]) == ("hi", "text/plain")
    assert (found["state"], found["priority"], found["lease"]) == ("scheduled", -5, 30.0)
    assert (found["max_attempts"], found["run_limit"], found["unique_key"]) == (None, 9.0, "k")
    assert found["ready_at"] == pytest.approx(found["created_at"] + 90.5)
    again = typed("publish", queue, "welcome", "--unique-key", "k", "--unique-scope", "60")
    assert (again.code, again.out.strip()) == (0, job)
    assert "already" in again.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--max-attempts", "many"),
        ("--max-attempts", "1_0"),
        ("--backoff", "{"),
        ("--backoff", "[1]"),
        ("--backoff", "[" * 100_000),
        ("--file", "/nowhere/at/all"),
        ("--unique-key", "\udcff"),
    ],
)
def test_options_that_cannot_be_said(typed: Type, queue: str, option: str, said: str) -> None:
    refused = typed("publish", queue, "t", option, said)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("jobyard: ")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--max-attempts", "0"),
        ("--on-lapse", "x"),
        ("--unique-scope", "x"),
        ("--backoff", '{"fixed": -1}'),
        ("--priority", "999999999999999999"),
        ("--delay", "999999999999"),
    ],
)
def test_options_that_the_server_refuses(typed: Type, queue: str, option: str, said: str) -> None:
    refused = typed("publish", queue, "t", option, said)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("jobyard: invalid-value: ")


HOSTILE = b"\x1b]0;owned\x07\x00\xff\n"


def test_a_payload_from_stdin_or_a_file_keeps_every_byte(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HOSTILE)))
    piped = published(typed, queue, "t", "-")
    path = tmp_path / "payload"
    path.write_bytes(HOSTILE * 2)
    read = published(typed, queue, "t", "--file", str(path))
    assert client.get(piped).payload == HOSTILE
    assert client.get(read).payload == HOSTILE * 2
    assert client.get(published(typed, queue, "t", "\udcff\udcfe")).payload == b"\xff\xfe"
    assert typed("publish", queue, "t", "x", "--file", str(path)).code == 2
    table = typed("list", queue)
    assert all(line.isprintable() for line in table.out.split("\n"))
    assert "\\x1b]0;owned\\x07\\x00\\xff\\n" in table.out
    assert all(line.isprintable() for line in typed("get", piped).out.split("\n"))
    assert typed("get", piped, "-o", "json").json["payload_base64"] == "G10wO293bmVkBwD/Cg=="


def test_listing(typed: Type, queue: str) -> None:
    jobs = [published(typed, queue, kind, kind) for kind in "aabab"]

    def listed(*arguments: str) -> list[str]:
        return [job["id"] for job in typed("list", queue, "-o", "json", *arguments).json]

    assert listed() == listed("--all") == jobs
    assert listed("--type", "b") == [jobs[2], jobs[4]]
    assert typed("cancel", jobs[0]).code == 0
    assert listed("--state", "canceled", "--state", "done") == jobs[:1]
    assert listed("--state", "failed") == []
    page = typed("list", queue, "--limit", "2")
    assert [line.split()[:3] for line in page.out.splitlines()] == [
        ["ID", "STATE", "TYPE"], [jobs[0], "canceled", "a"], [jobs[1], "ready", "a"],
    ]  # fmt: skip
    cursor = page.err.split("--after ")[1].split(",")[0]
    assert listed("--after", cursor) == jobs[2:]
    assert typed("list", "no-such-queue", "-o", "json").err.startswith("jobyard: unknown-queue: ")


def test_the_end_of_a_job(typed: Type, queue: str, client: BlockingClient) -> None:
    job = published(typed, queue, "t")
    open_still = typed("wait", job, "--timeout", "0")
    assert (open_still.code, open_still.err) == (4, "")
    assert "ready" in open_still.out
    [held] = client.reserve(queue)
    client.done(held, b"fine")
    ended = typed("wait", job, "-o", "yaml")
    assert ended.code == 0
    assert yaml.safe_load(ended.out)["result"] == "fine"
    assert typed("cancel", job).code == 1
    assert typed("reset", job).code == 0
    assert typed("cancel", job).code == 0
    assert typed("wait", job).code == 1
    assert typed("delete", job).code == 0
    for word in ("get", "wait", "cancel", "reset", "delete", "explain"):
        gone = typed(word, job)
        assert (gone.code, gone.out) == (1, "")
        assert gone.err == "jobyard: unknown-job: there is no such job in this group\n"


def test_changing_and_explaining(typed: Type, queue: str) -> None:
    job = published(typed, queue, "t", "old", "--delay", "100")
    assert typed("explain", job, "-o", "json").json["reason"] == "delayed"
    assert typed("edit", job, "new", "--delay", "0", "--priority", "3").code == 0
    found = typed("get", job, "-o", "json").json
    assert (found["payload"], found["priority"], found["state"]) == ("new", 3, "ready")
    told = typed("explain", job)
    assert told.code == 0
    assert "no worker" in told.out
    assert typed("explain", "--queue", queue, "-o", "json").json["reason"] == "no-worker"
    assert typed("explain").code == typed("explain", job, "--queue", queue).code == 2


def test_a_refused_login(typed: Type, server: Server) -> None:
    refused = typed("get", "x", "--url", f"jobyard://{USER}:wrong@127.0.0.1:{server.port}")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("jobyard: invalid-creds: ")


def test_on_the_servers_machine_nothing_need_be_said(tmp_path: Path) -> None:
    """As after `make run`: no settings, the platform's folder, the password in its file."""
    served = Server(tmp_path)
    served.start("--port", "0")
    try:
        token = tmp_path / ".local/share/jobyard/admin.token"
        assert token.stat().st_mode & 0o777 == 0o600
        port = {"JOBYARD_PORT": str(served.port)}
        made = run("publish", "mail", "welcome", "hi", home=tmp_path, variables=port)
        assert (made.returncode, made.stderr) == (0, "")
        found = run("get", made.stdout.strip(), "-o", "json", home=tmp_path, variables=port)
        assert json.loads(found.stdout)["payload"] == "hi"
        assert served.stop() == 0
        gone = run("get", made.stdout.strip(), home=tmp_path, variables=port)
        assert gone.returncode == 3
    finally:
        served.close()
