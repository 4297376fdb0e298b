"""The table counts and judges as it says, and a row goes from start to end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from engine import open_store, run_engine
from engine.queue_state import QueueState
from tests.benchmarks.figures import Goal
from tests.benchmarks.in_process import PUBLISH, WHO
from tests.scoreboard.__main__ import arguments, main
from tests.scoreboard.lines import DECODER, Entry, Failed, Line, NotRun, failures, found, render
from tests.scoreboard.restarting import miscounted
from tests.scoreboard.rows import LONGEST_FIRST, ROWS, Row
from tests.scoreboard.running import Board
from tests.scoreboard.trial import ROOT, Trial, broken, run_tests

LATE = Line(
    row="timers", what="late", value=51, unit="ms", trials=9, of="jobs",
    goal=Goal(50, at_least=False),
)  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (failures("r", "lost", 0, 20_000, "cuts"), True),
        (failures("r", "lost", 1, 20_000, "cuts"), False),
        (failures("r", "lost", 0, 0, "cuts"), False),
        (found("r", "found", 39, 39, "planted", "model"), True),
        (found("r", "found", 38, 39, "planted", "model"), False),
        (found("r", "found", 0, 0, "planted", "model"), False),
        (LATE, False),
        (NotRun("r", "mounting needs root"), True),
        (Failed("r", "ended after 60 s"), False),
    ],
)
def test_a_bound_is_kept_by_trials_only(entry: Entry, kept: bool) -> None:
    assert entry.kept is kept


def test_a_negative_count_is_no_zero() -> None:
    with pytest.raises(AssertionError):
        failures("r", "lost", -1, 5, "cuts")


def test_every_zero_has_its_trials_beside_it_and_what_was_not_run_its_reason() -> None:
    entries: list[Entry] = [
        failures("cuts", "lost", 0, 20_000, "power cuts"),
        NotRun("full-disk", "mounting needs root"),
        LATE,
        Failed("kills", "ended after 60 s"),
    ]
    head, cuts, late, *rest = render(entries).split("\n")
    assert head.split() == ["row", "what", "found", "of", "bound", "by"]
    assert cuts.split() == ["cuts", "lost", "0", "20,000", "power", "cuts", "≤", "0", "kept"]
    assert late.split()[2:] == ["51", "ms", "9", "jobs", "≤", "50", "ms", "BROKEN"]
    assert rest == [
        "full-disk  not run: mounting needs root",
        "kills  FAILED: ended after 60 s",
    ]


def test_the_rows_are_those_of_the_table() -> None:
    assert set(LONGEST_FIRST) <= ROWS.keys()
    assert arguments(["kills", "--quick"]).rows == ["kills"]
    with pytest.raises(SystemExit):
        arguments(["no-such-row"])


def test_one_quick_row_from_start_to_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "found.json"
    assert main(["fuzz-json", "--quick", "--json", str(file)]) == 0
    (line,) = json.loads(file.read_text())["lines"]
    assert (line["value"], line["trials"], line["verdict"]) == (0, 2_000, "kept")
    assert "2,000 executions" in capfd.readouterr().out


async def test_what_takes_too_long_what_is_missing_and_what_was_interrupted() -> None:
    row = Row(ROWS["fuzz-gob"].run)
    board = Board(rows={
        "fuzz-gob": evolve(row, limit=0.05),
        "alone": evolve(row, alone=True, needs=("no-such-program",)),
        "later": row,
    })  # fmt: skip
    await board.run(["fuzz-gob", "alone"])
    assert board.entries(["later", "alone", "fuzz-gob"]) == [
        Failed("fuzz-gob", "ended after 0.05 s"),
        NotRun("alone", "no-such-program is not installed"),
        NotRun("later", "interrupted"),
    ]


def test_a_row_that_breaks_says_how(tmp_path: Path) -> None:
    program = (
        "from tests.scoreboard import one, rows\n"
        "def fails(trial): raise OSError('no room')\n"
        "one.ROWS = {'r': rows.Row(fails)}\n"
        "one.main('r')"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "clients")])
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": path},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert DECODER.decode(done.stdout) == Failed("r", "OSError: no room")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_prints_what_there_is(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "found.json"
    path = os.pathsep.join([str(ROOT), str(ROOT / "clients")])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.scoreboard", "fuzz-gob", "--json", str(file)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline() == "fuzz-gob …\n"
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "fuzz-gob  not run: interrupted" in said
    assert json.loads(file.read_text())["lines"][0]["verdict"] == "not run"


def test_a_harness_is_broken_by_any_exception() -> None:
    assert broken(lambda: None) == ""
    assert broken(lambda: 1 // 0) == "ZeroDivisionError: integer division or modulo by zero"


def test_tests_are_counted_by_how_they_end(tmp_path: Path) -> None:
    file = tmp_path / "test_three.py"
    file.write_text(
        "import pytest\ndef test_well(): pass\ndef test_badly(): assert 0\n"
        "def test_not(): pytest.skip('not run: no such thing')\n"
    )
    tally = run_tests(Trial("r", tmp_path), str(file))
    assert (tally.ran, tally.failed, tally.first) == (2, 1, "test_badly")
    assert tally.reason == "not run: no such thing"


async def test_a_store_is_counted_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "jobs.db"
    async with open_store(store, writer="thread") as opened, run_engine(opened) as engine:
        for _ in range(3):
            await engine.execute(WHO, PUBLISH)
    assert await miscounted(store) == (0, 3)
    monkeypatch.setattr(QueueState, "recount", lambda self: ([9] * len(self.counts), self.types))
    assert await miscounted(store) == (1, 3)
