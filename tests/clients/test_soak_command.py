"""`jobyard soak` as it is typed."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobyard import command
from jobyard.soak.soaking import Soak
from tests.acceptance.served import WITHIN, environment
from tests.clients.typing_commands import Said

SHORT = ("--seconds", "2")
PICTURES = 1_000_000
"""Bytes within which the line has to say something."""


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def say(*arguments: str) -> Said:
        code = command.main(arguments)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return Said(code, told.out, told.err)

    return say


def test_seeds_are_played_and_every_zero_has_its_n(typed: Callable[..., Said]) -> None:
    said = typed("soak", "--seeds", "10..12", *SHORT, "--processes", "2", "-o", "json")
    assert (said.code, said.err) == (0, "")
    found = said.json
    assert (found["fine"], found["seeds"], found["processes"]) == (True, 3, 2)
    assert found["grants"] > found["done"] > 0
    for promise in found["promises"]:
        assert promise["broken"] == 0
        assert promise["of"] > 0, promise
    assert set(found["made_of"]) == {"jobyard", "python", "trio"}
    assert found["failures"] == []


def test_one_seed_with_some_of_its_faults_as_a_table(typed: Callable[..., Said]) -> None:
    said = typed("soak", "--seed", "7", *SHORT, "--faults", "0")
    assert (said.code, said.err) == (0, "")
    assert re.match(r"seeds 1  virtual hours [0-9.]+  kills ", said.out)
    assert re.search(r"^lost +0 +[0-9]+ jobs acknowledged$", said.out, re.MULTILINE)
    assert said.out.endswith("\n\nNo promise was broken.\n")


WRONG: list[tuple[list[str], str]] = [
    (["--seeds", "5"], "--seeds is from one to another"),
    (["--seeds", "5..3"], "--seeds is from one to another"),
    (["--seeds", "0..9999999999"], "--seeds is from one to another"),
    (["--seeds", "٣..٤"], "--seeds is from one to another"),
    (["--seeds", "0..2\n"], "--seeds is from one to another"),
    (["--seed", "-1"], "--seed is 0 to"),
    (["--seed", "1_000"], "expected a whole number"),
    (["--seed", "1000000000"], "--seed is 0 to"),
    (["--seed", "1", "--seeds", "0..2"], "--seed is one"),
    (["--seed", "1", "--for", "2"], "--seed is one"),
    (["--faults", "1"], "--faults are those of one --seed"),
    (["--seed", "1", "--faults", "1,,2"], "--faults is none, or some of 0 to 35"),
    (["--seed", "1", "--faults", "36"], "--faults is none, or some of 0 to 35"),
    (["--seed", "1", "--faults", "2\n"], "--faults is none, or some of 0 to 35"),
    (["--seconds", "0.5"], "--seconds is 1 to 3600"),
    (["--seconds", "3601"], "--seconds is 1 to 3600"),
    (["--seconds", "nan"], "expected a number of seconds"),
    (["--for", "0"], "--for is a second to seven days"),
    (["--for", "8d"], "--for is a second to seven days"),
    (["--for", "2w"], "expected a duration"),
    (["--for", "1e9"], "expected a duration"),
    (["--processes", "0"], "--processes is 1 to 256"),
    (["--processes", "257"], "--processes is 1 to 256"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_what_cannot_be_played_is_a_sentence(
    typed: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.setattr(Soak, "run", None)
    said = typed("soak", *arguments)
    assert said.code == 2
    assert sentence in " ".join((said.out + said.err).replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "seeds"),
    [
        ([], range(50)),
        (["--seeds", "7..7"], range(7, 8)),
        (["--seed", "999999999"], range(999_999_999, 1_000_000_000)),
        (["--for", "2m"], range(1_000_000_000)),
        (["--for", "1d", "--seeds", "0..2"], range(3)),
    ],
)
def test_what_is_asked_for_is_what_is_played(
    typed: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    seeds: range,
) -> None:
    asked: list[Any] = []

    def run(self: Soak, _: object) -> None:
        asked.append(self.course)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Soak, "run", run)
    before = signal.getsignal(signal.SIGINT)
    said = typed("soak", *arguments)
    [course] = asked
    assert course.seeds == seeds
    assert course.processes == min(os.cpu_count() or 1, len(seeds))
    assert (course.until is not None) == ("--for" in arguments)
    assert said.code == 1
    assert said.out.endswith("Interrupted. No seed came to its end.\n")
    assert signal.getsignal(signal.SIGINT) is before


def test_on_a_terminal_a_line_tells_how_far_it_is_and_ctrl_c_prints_the_rest(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "jobyard", "soak", *SHORT, "--for", "1h", "--processes", "1"]
    with subprocess.Popen(
        words, cwd=tmp_path, env={**environment(tmp_path), "TERM": "xterm", "COLUMNS": "120"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
    ) as going:  # fmt: skip
        os.close(theirs)
        try:
            seen = b""
            while not re.search(rb"[1-9][0-9]* seeds  [0-9.]+ virtual hours", seen):
                seen += os.read(ours, 4096)
                assert len(seen) < PICTURES, seen
            os.killpg(going.pid, signal.SIGINT)
            said, _ = going.communicate(timeout=WITHIN)
        finally:
            going.kill()
            os.close(ours)
    assert going.returncode == 0
    assert b"Traceback" not in seen
    assert said.decode().endswith("\n\nInterrupted. No promise was broken.\n")
