"""The `jobyard` command, as it is typed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.loading import Loaded
from config.settings import Settings
from jobyard import __version__, command

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("JOBYARD_") or name in {"SECRET", "TEST_MODE", "ALLOW_DISPATCH"}:
            monkeypatch.delenv(name)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been served."""
    calls: list[Any] = []

    class Serve:
        @staticmethod
        def run(loaded: Loaded, reread: Any) -> int:
            calls.append((loaded.settings, reread))
            return 7

    monkeypatch.setitem(sys.modules, "frontends.serve", Serve)
    return calls


def test_serve_hands_over_settings_and_how_to_read_them_again(
    served: list[Any], tmp_path: Path
) -> None:
    one, two = tmp_path / "one.yml", tmp_path / "two.yml"
    one.write_text("port: 1\nlog_level: error\n")
    two.write_text("lines: {silence: 1}\n")
    line = ["serve", "--config", str(one), "--config", str(two), "--store", "memory", "--port=2"]
    assert command.main([*line, "--log-level", "WARNING"]) == 7
    ((settings, reread),) = served
    assert (settings.port, settings.log_level) == (2, "warn")
    assert (settings.store.path, settings.lines.silence) == ("memory", 1)
    two.write_text("lines: {silence: 2}\n")
    again = reread()
    assert isinstance(again, Loaded)
    assert again.settings.lines.silence == 2


def test_serve_without_anything_is_the_defaults(served: list[Any]) -> None:
    assert command.main(["serve"]) == 7
    assert served[0][0] == Settings()


@pytest.mark.parametrize("port", ["-1", "0"])
def test_a_port_that_is_none(served: list[Any], port: str) -> None:
    command.main(["serve", "--port", port])
    assert served[0][0].port == (None if port == "-1" else 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "99999"],
        ["serve", "--port", "1_000"],
        ["serve", "--port", "٣"],
        ["serve", "--host", "0.0.0.0"],
        ["serve", "--store", ""],
        ["serve", "--config", "/nowhere/at/all.yml"],
        ["serve", "--config"],
        ["serve", "--nonsense"],
        ["serve", "stray"],
        ["nonsense"],
        ["config", "nonsense"],
        ["config", "check", "/nowhere/at/all.yml"],
        ["config", "show", "/nowhere/at/all.yml"],
        ["serve", "--host", "\udcff"],
        ["config", "check", "\udcff"],
    ],
)
def test_a_persons_mistake_is_a_sentence_and_exit_code_2(
    served: list[Any], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert command.main(arguments) == 2
    told = capsys.readouterr()
    assert told.out + told.err
    assert "Traceback" not in told.out + told.err
    assert served == []


def test_check_lists_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yml"
    path.write_text("port: x\nport: y\nlines: {retry: x}\nusers: [{}]\nnonsense: 1\n")
    assert command.main(["config", "check", str(path)]) == 2
    told = capsys.readouterr()
    assert [line.removeprefix(f"{path}:").split(": ")[:2] for line in told.out.splitlines()] == [
        ["2", "port"],
        ["1", "port"],
        ["4", "users[0].username"],
        ["3", "lines.retry"],
        ["5", "nonsense"],
    ]
    assert told.err == ""


def test_check_of_fine_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yml"
    path.write_text("users: [{username: a, password: b}]\n")
    assert command.main(["config", "check", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out == "The settings are fine.\n"
    assert told.err.startswith("warning: 1 user(s) have a plain `password`")


def test_check_looks_at_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOBYARD_PORT", "tcp://10.0.0.1:8962")
    assert command.main(["config", "check"]) == 2
    assert capsys.readouterr().out.startswith("$JOBYARD_PORT: port: expected a whole number")


def test_show_prints_settings_that_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yml"
    path.write_text("secret: hunter2\nlines: {silence: 1}\n")
    assert command.main(["config", "show", str(path)]) == 0
    page = yaml.safe_load(capsys.readouterr().out)
    assert page["secret"] == "(hidden)"
    assert page["lines"]["silence"] == 1


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 0
    assert capsys.readouterr().out == f"jobyard {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["config"], ["--help"], ["serve", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 0
    assert "Usage: jobyard" in capsys.readouterr().out


def typed(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    path = f"{ROOT}{os.pathsep}{ROOT / 'clients'}"
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"], **variables},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_it_runs_as_a_module_with_its_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_bytes(b"host: \xff")
    assert typed("-m", "jobyard", "version").stdout.startswith(b"jobyard ")
    checked = typed("-m", "jobyard", "config", "check", str(path))
    assert (checked.returncode, checked.stderr) == (2, b"")


def test_a_narrow_terminal_encoding_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text("groups: ['wéb']\n")
    shown = typed("-m", "jobyard", "config", "show", str(path), PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, b"")


def test_a_reader_that_leaves_is_no_traceback() -> None:
    program = (
        "import os, sys; from jobyard.command import main; r, w = os.pipe(); os.close(r);"
        " os.dup2(w, 1); os.close(w); sys.exit(main(['config', 'show']))"
    )
    left = typed("-c", program)
    assert (left.returncode, left.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("line", [["config", "show"], ["version"], ["completion", "bash"]])
def test_an_output_that_is_full_is_said(line: list[str]) -> None:
    program = f"import sys; from jobyard.command import main; sys.exit(main({line!r}))"
    full = typed("-c", "import os; os.dup2(os.open('/dev/full', 1), 1);" + program)
    said = b"jobyard: the output cannot be written: No space left on device\n"
    assert (full.returncode, full.stderr) == (1, said)


def test_an_error_of_the_system_that_is_not_of_the_output_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError(28, "elsewhere", "a file")

    monkeypatch.setattr(command, "app", broken)
    with pytest.raises(OSError, match="elsewhere"):
        command.main(["version"])


def test_the_version_needs_neither_settings_nor_the_engine() -> None:
    program = (
        "import sys; from jobyard.command import main; main(['version']);"
        " print(sorted(set(sys.modules) & {'trio', 'apsw', 'config', 'engine', 'argon2', 'yaml'}))"
    )
    assert typed("-c", program).stdout.splitlines()[1] == b"[]"
