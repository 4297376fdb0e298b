"""Users, groups, tokens, the audit log and a copy, as they are typed at a real server."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from jobyard import command
from tests.acceptance.line import Line
from tests.acceptance.served import Server, settings

ROOT = {"username": "root", "password": "all of it", "groups": ["*"]}
TYPED = "typed-in-secret"


def typed(*words: str) -> int:
    return command.main(list(words))


@pytest.fixture
def server(tmp_path: Path) -> Any:
    said = settings()
    served = Server(tmp_path, {**said, "users": [*said["users"], ROOT]}).start()
    yield served
    served.close()


def pipe(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_an_administrator_looks_after_everything(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"jobyard://root:all%20of%20it@127.0.0.1:{server.port}"
    monkeypatch.setenv("JOBYARD_URL", f"{url}/yard")

    assert typed("group", "add", "shop") == 0
    pipe(monkeypatch, f"{TYPED}\n".encode())
    assert typed("user", "add", "eve", "--groups", "yard:read,shop") == 0
    with Line.to(server.port) as eve:
        eve.log_in("eve", TYPED, "shop")
        eve.publish("mail")
        assert typed("token", "add", "deploy", "shop", "--rights", "publish,read") == 0
        token = capsys.readouterr().out
        assert token.count("\n") == 1
        with Line.to(server.port) as deploy:
            deploy.log_in("deploy", token.strip(), "shop")
            deploy.publish("mail")
            assert typed("token", "drop", "deploy") == 0
            assert deploy.rest() == b"Err: session-closed\n"
        assert len(eve.jobs("mail")) == 2
        assert typed("user", "change", "eve", "--groups", "shop:read") == 0
        assert eve.rest() == b"Err: session-closed\n"
    assert typed("group", "drop", "shop") == 1
    assert "group-in-use" in capsys.readouterr().err

    assert typed("backup", "copy.db", "--url", url) == 0
    assert "2 jobs, checked" in capsys.readouterr().out
    assert (server.store / "backups" / "copy.db").is_file()
    assert typed("backup", "copy.db", "--url", url) == 1
    assert "is there already" in capsys.readouterr().err
    assert typed("backup", "copy.db", "--url", url, "--store", "here") == 2

    server.stop()
    server.start()
    monkeypatch.setenv("JOBYARD_URL", f"jobyard://root:all%20of%20it@127.0.0.1:{server.port}/yard")
    capsys.readouterr()
    assert typed("audit", "-o", "json") == 0
    entries = json.loads(capsys.readouterr().out)
    assert [(one["word"], one["target"], one["outcome"]) for one in entries] == [
        ("ADD_GROUP", "shop", "ok"),
        ("ADD_USER", "eve", "ok"),
        ("ADD_TOKEN", "deploy shop", "ok"),
        ("DROP_TOKEN", "deploy", "ok"),
        ("CHANGE_USER", "eve", "ok"),
        ("DROP_GROUP", "shop", "group-in-use"),
        ("BACKUP", "copy.db", "ok"),
        ("BACKUP", "copy.db", "backup-failed"),
    ]
    assert {one["who"] for one in entries} == {"root"}
    for words in (["user", "list"], ["group", "list"], ["token", "list"], ["audit"]):
        assert typed(*words) == 0
    told = capsys.readouterr().out
    assert "eve" in told
    for secret in (TYPED, token.strip()):
        assert secret not in told + json.dumps(entries) + server.log.text


def test_a_wrong_command_line_asks_no_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--url", "jobyard://a:b@127.0.0.1:1/g"]
    for said in (b"", b"\n", b"a\x00b", b"\xff", b"x" * 513, b"two\nlines"):
        pipe(monkeypatch, said)
        assert typed("user", "add", "eve", *nowhere) == 2
    assert typed("user", "change", "eve", *nowhere) == 2
    told = capsys.readouterr().err
    assert told.count("a password is one line") == 5
    assert "say what to change" in told


def test_a_prompt_asks_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["first", "frist"]
    monkeypatch.setattr("getpass.getpass", lambda _prompt: answers.pop(0))
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    assert typed("user", "add", "eve", "--url", "jobyard://a:b@127.0.0.1:1/g") == 2
    assert "not the same" in capsys.readouterr().err
