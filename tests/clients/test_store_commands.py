"""`jobyard backup` and `jobyard rekey`, as they are typed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.store import key as key_module
from engine.store.key import is_wrapped, key_path, open_key
from engine.store.lock import Lock
from jobyard import command
from jobyard.commands import store_commands
from jobyard.commands.store_commands import Kept, NewSecret
from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, PASSWORD, USER, Server, environment
from tests.engine.store.places import fingerprint, jobs, publish, start, take

PUBLISHED = 20
CALL = "import sys; from jobyard.commands import store_commands as s; sys.exit({call})"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_module, "MEMORY_KIB", 64)
    monkeypatch.setattr(key_module, "PASSES", 1)
    for name in list(os.environ):
        if name.startswith("JOBYARD_") or name in {"SECRET", "TEST_MODE", "ALLOW_DISPATCH"}:
            monkeypatch.delenv(name)


def quiet(_sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with some jobs; no secret wraps its key."""
    path = tmp_path / "store" / "jobyard.db"
    database = start(path, key=open_key(path, None, quiet).raw)
    database.apply(take(database), publish(*range(PUBLISHED)))
    database.close()
    return path


def count(path: Path, secret: str | None = None) -> int:
    database = start(path, key=open_key(path, secret, quiet).raw)
    try:
        return len(jobs(database, take(database)))
    finally:
        database.close()


def of(path: Path) -> Kept:
    return Kept(store=str(path.parent))


def new(folder: Path, content: str | bytes) -> NewSecret:
    """From a file with that in it."""
    file = folder / "new-secret"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return NewSecret(new_secret_file=file)


def test_a_copy_into_a_folder_and_into_a_file(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target, made in [("copies", "copies/jobyard.db"), ("one.db", "one.db")]:
        assert store_commands.backup(str(tmp_path / target), kept=of(path)) == 0
        assert str(tmp_path / made) in capsys.readouterr().out
        assert count(tmp_path / made) == PUBLISHED


@pytest.mark.parametrize(
    ("store", "target", "sentence"),
    [
        ("store", "store", "there already"),
        ("nowhere", "copy", "no such file"),
        ("memory", "copy", "in memory"),
        ("store", "memory", "in memory"),
        ("store", "store/jobyard.db.key/below/it", "Not a directory"),
    ],
)
def test_what_cannot_be_copied_is_a_sentence_and_exit_code_1(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    store: str, target: str, sentence: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(path.parent.parent)
    before = fingerprint(path.parent.parent)
    assert store_commands.backup(target, kept=Kept(store=store)) == 1
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.out == ""
    assert fingerprint(path.parent.parent) == before


def test_a_secret_comes_changes_and_goes(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert store_commands.rekey(new=new(tmp_path, "first\n"), kept=of(path)) == 0
    assert count(path, "first") == PUBLISHED
    monkeypatch.setenv("SECRET", "first")
    assert store_commands.rekey(new=new(tmp_path, "zwei Wörter"), kept=of(path)) == 0
    assert count(path, "zwei Wörter") == PUBLISHED
    assert store_commands.rekey(data_key=True, kept=of(path)) == 1
    assert "the secret does not open" in capsys.readouterr().err
    monkeypatch.setenv("JOBYARD_SECRET", "zwei Wörter")
    monkeypatch.delenv("SECRET")
    before = open_key(path, "zwei Wörter", quiet).raw
    assert store_commands.rekey(data_key=True, kept=of(path)) == 0
    assert open_key(path, "zwei Wörter", quiet).raw != before
    assert store_commands.rekey(new=NewSecret(no_secret=True), kept=of(path)) == 0
    assert not is_wrapped(path)
    assert count(path) == PUBLISHED
    told = capsys.readouterr()
    assert "first" not in told.out + told.err
    assert "zwei" not in told.out + told.err


@pytest.mark.parametrize(
    "content", ["", "\n", "a\nb", "a\0b", b"\xff", "x" * 4097, "x" * 100_000, "\x1b[2J"]
)
def test_what_is_no_secret_is_refused(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | bytes
) -> None:
    before = fingerprint(path.parent)
    assert store_commands.rekey(new=new(tmp_path, content), kept=of(path)) == 2
    assert "secret" in capsys.readouterr().err
    assert fingerprint(path.parent) == before


@pytest.mark.parametrize(
    "said",
    [
        {"data_key": True, "new": NewSecret(no_secret=True)},
        {"data_key": True, "new": NewSecret(Path("file"))},
        {"new": NewSecret(Path("file"), no_secret=True)},
        {"new": NewSecret(Path("not/there"))},
        {"kept": Kept(config=(Path("not/there.yml"),))},
    ],
)
def test_a_wrong_command_line_changes_nothing(path: Path, said: dict[str, Any]) -> None:
    before = fingerprint(path.parent)
    assert store_commands.rekey(**{"kept": of(path), **said}) == 2
    assert fingerprint(path.parent) == before


def test_a_prompt_asks_twice_and_shows_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["first", "frist", "first", "first"]
    monkeypatch.setattr("getpass.getpass", lambda _prompt: typed.pop(0))
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    assert store_commands.rekey(kept=of(path)) == 2
    assert not is_wrapped(path)
    assert store_commands.rekey(kept=of(path)) == 0
    assert count(path, "first") == PUBLISHED
    told = capsys.readouterr()
    assert "first" not in told.out + told.err


def test_the_secret_may_come_from_standard_input(path: Path) -> None:
    call = f"s.rekey(kept=s.Kept(store={str(path.parent)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(call=call)],
        input="piped\n", text=True, capture_output=True, check=False, env=environment(path.parent),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert count(path, "piped") == PUBLISHED


def test_a_store_in_use_is_not_rekeyed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = Lock(path)
    kept_key = key_path(path).read_bytes()
    assert store_commands.rekey(data_key=True, kept=of(path)) == 1
    assert store_commands.rekey(new=NewSecret(no_secret=True), kept=of(path)) == 1
    assert capsys.readouterr().err.count("store-in-use") == 2
    lock.release(remove=True)
    assert key_path(path).read_bytes() == kept_key


def test_a_running_server_is_copied_and_the_copy_is_served(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    try:
        with Line.to(server.port) as client:
            client.log_in(USER, PASSWORD, GROUP)
            client.publish("q", "kept")
            copy = tmp_path / "copy"
            assert store_commands.backup(str(copy), kept=Kept(store=str(server.store))) == 0
            client.publish("q", "later")
        assert server.stop() == 0
        server.store = copy
        server.start()
        with Line.to(server.port) as client:
            client.log_in(USER, PASSWORD, GROUP)
            assert [job["Payload"] for job in client.jobs("q")] == ["kept"]
    finally:
        server.close()


def test_both_are_commands_of_jobyard(path: Path, tmp_path: Path) -> None:
    where = ["--store", str(path)]
    assert command.main(["backup", str(tmp_path / "copy"), *where]) == 0
    assert command.main(["rekey", "--data-key", *where]) == 0
    assert command.main(["rekey", "--secret", "typed", *where]) == 2
    assert count(path) == count(tmp_path / "copy" / "jobyard.db") == PUBLISHED
