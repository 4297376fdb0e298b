"""How the command finds a server, and what it exits with when it does not."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobyard import command
from jobyard.commands.reach import NoServerHere, Reach, address, told
from jobyard.errors import BadArgument, ConnectionLost, ProtocolError, Unreachable, refusal
from jobyard.url import Address


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("JOBYARD_", "XDG_")) or name in {"SECRET", "TEST_MODE"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def store(folder: Path, token: bytes = b"pass\n") -> str:
    folder.mkdir(parents=True)
    (folder / "admin.token").write_bytes(token)
    return str(folder)


def settings(path: Path, text: str) -> tuple[Path, ...]:
    path.write_text(text)
    return (path,)


def test_a_url_is_said_or_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(Reach(url="jobyard://a:b@h:1/g")) == Address(
        "h", 1, user="a", password="b", group="g"
    )
    monkeypatch.setenv("JOBYARD_URL", "jobyards://h")
    assert address(Reach()) == Address("h", 8963, tls=True)
    assert address(Reach(url="jobyard://other")).host == "other"
    assert address(Reach(group="mail")).group == "mail"


def test_the_server_of_this_machine_needs_no_url(tmp_path: Path) -> None:
    store(tmp_path / ".local/share/jobyard")
    assert address(Reach()) == Address(
        "127.0.0.1", 8962, user="admin", password="pass", group="default"
    )


def test_a_store_or_a_settings_file_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBYARD_URL", "jobyard://elsewhere")
    folder = store(tmp_path / "data", b"other")
    assert address(Reach(store=folder)).password == "other"
    said = "host: '::'\ninsecure_plaintext: true\nport: 7\ngroups: [mail, web]"
    said += f"\nstore: {{path: {folder}}}"
    files = settings(tmp_path / "c.yml", said)
    assert address(Reach(config=files)) == Address(
        "::1", 7, user="admin", password="other", group="mail"
    )
    assert address(Reach(config=files, group="web")).group == "web"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("store: {path: memory}", "in memory"),
        ("users: [{username: a, password: b}]", "name users"),
        ("port: -1", "no known port"),
        ("port: 0", "no known port"),
        ("port: x", "settings are wrong"),
        ("[", "settings are wrong"),
    ],
)
def test_settings_that_name_no_server_to_log_in_to(
    tmp_path: Path, said: str, sentence: str
) -> None:
    with pytest.raises(BadArgument, match=sentence):
        address(Reach(config=settings(tmp_path / "c.yml", said)))


def test_a_url_and_a_place_on_this_machine_exclude_each_other() -> None:
    with pytest.raises(BadArgument, match="--store"):
        address(Reach(url="jobyard://h", store="x"))
    with pytest.raises(BadArgument, match="--group"):
        address(Reach(url="jobyard://h/a", group="b"))


def test_no_token_or_one_behind_a_link_is_no_server(tmp_path: Path) -> None:
    with pytest.raises(NoServerHere, match="jobyard serve"):
        address(Reach(store=str(tmp_path / "nothing")))
    real = Path(store(tmp_path / "real"))
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/admin.token").symlink_to(real / "admin.token")
    with pytest.raises(NoServerHere):
        address(Reach(store=str(tmp_path / "linked")))


def fails(error: Exception) -> Callable[[], int]:
    def act() -> int:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadArgument("no"), 2),
        (Unreachable("no"), 3),
        (ConnectionLost("no"), 3),
        (ProtocolError("no"), 1),
        (refusal("ERR unknown-job no"), 1),
        (refusal("ERR a-code-of-tomorrow no"), 1),
    ],
)
def test_every_error_is_a_sentence_and_a_code(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert told(fails(error)) == code
    assert capsys.readouterr().err == f"jobyard: {error}\n"


def test_a_hostile_sentence_does_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(fails(refusal("ERR x \x1b]0;owned\x07\u202e"))) == 1
    assert capsys.readouterr().err == "jobyard: x: \\x1b]0;owned\\x07\\u202e\n"


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["get", "x", "--url", "jobyard://ada:secret@127.0.0.1:1/g"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("jobyard: jobyard://ada@127.0.0.1:1/g: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["publish", "q"],
        ["publish", "q", "t", "--priority", "1_000"],
        ["publish", "q", "t", "--priority", "٣"],
        ["publish", "q", "t", "--priority", "9" * 5_000],
        ["publish", "q", "t", "--delay", "nan"],
        ["publish", "q", "t", "--delay", "1e999"],
        ["publish", "q", "t", "--delay", "1\n"],
        ["publish", "q", "t", "--delay", "-1"],
        ["publish", "q", "t", "--nonsense", "1"],
        ["publish", "q", "t", "--prority=1"],
        ["publish", "q", "t", "--prority", "1"],
        ["publish", "q", "t", "-x"],
        ["list", "q", "--state", "nonsense"],
        ["list", "q", "-o", "xml"],
        ["list", "q", "--limit", "²"],
        ["wait", "j", "--timeout", "inf"],
        ["get"],
        ["get", "j", "--url", "http://h"],
        ["get", "j", "--url", f"jobyard://{'a' * 70}"],
        ["get", "j", "--url", "jobyard://a..b"],
        ["get", "j", "--url", "jobyard://h", "--store", "x"],
        ["work", "nothing"],
        ["work", "nothing.at.all:worker"],
        ["work", "json:loads"],
        ["work", "json:loads", "--processes", "0"],
        ["completion", "basic"],
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert command.main(arguments) == 2
    told = capsys.readouterr()
    assert told.out + told.err
    assert "Traceback" not in told.out + told.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert command.main(["completion", shell]) == 0
    page = capsys.readouterr().out
    for word in ("publish", "recur", "preview", "--unique-key"):
        assert word in page


def test_help_says_what_each_command_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--help"]) == 0
    assert "Add a job to a queue" in capsys.readouterr().out
    assert command.main(["publish", "--help"]) == 0
    assert "Lower is sooner" in capsys.readouterr().out


def test_work_runs_the_worker_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from jobyard import working

    seen: list[object] = []

    def note(code: object) -> Callable[..., object]:
        def called(*said: object, **named: object) -> object:
            seen.extend([*said, *named.values()])
            return code

        return called

    for name, code in (("load", "worker"), ("run", 5), ("supervise", 6)):
        monkeypatch.setattr(working, name, note(code))
    assert command.main(["work", "a:b", "--backend", "trio"]) == 5
    assert seen == ["a:b", "worker", "trio"]
    seen.clear()
    assert command.main(["work", "a:b", "--processes", "3"]) == 6
    again = [sys.executable, "-m", "jobyard", "work", "a:b", "--backend", "asyncio"]
    assert seen == ["a:b", again, 3]
