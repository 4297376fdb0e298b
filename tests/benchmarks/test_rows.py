"""Every row from start to end, in small, on the toy server and on the peer where it is there."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import ROWS, main
from tests.benchmarks.servers import Beanstalkd, Jobyard

SMALL = ["--rounds", "1", "--seconds", "0.1", "--jobs", "1000", "--crowd", "40"]

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="not run: no C compiler")


def toy_command(self: Jobyard, store: str, port: int) -> list[str]:
    place = store if store == "memory" else str(self.folder / store)
    return [sys.executable, "-m", "tests.benchmarks.toy", str(port), place]


def broken_command(self: Jobyard, store: str, port: int) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.exit('port {port} of {store} is taken')"]


@pytest.mark.parametrize("row", sorted(ROWS.keys() - {"P4", "P7", "P12"}))
def test_a_row_is_measured_and_written_down(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Jobyard, "command", toy_command)
    monkeypatch.setattr("tests.benchmarks.crowds.IDLE_SECONDS", 0.05)
    file = tmp_path / "found.json"
    assert main([row, *SMALL, "--json", str(file)]) == 0
    lines = json.loads(file.read_text())["lines"]
    assert lines
    assert {line["row"] for line in lines} <= {row, "P6"}
    table = capsys.readouterr().out
    for line in lines:
        assert len(line["ours"]) == 1
        if line["against"] == "beanstalkd":
            assert line["ratio"] > 0
        assert line["work"] in table


def test_without_the_peer_the_table_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Jobyard, "command", toy_command)
    monkeypatch.setattr(Beanstalkd, "installed", staticmethod(lambda: False))
    assert main(["P1", *SMALL, "--json", str(tmp_path / "found.json")]) == 0
    assert "beanstalkd is not installed" in capsys.readouterr().out


def test_a_server_that_does_not_start_is_a_line_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Jobyard, "command", broken_command)
    assert main(["P8", *SMALL, "--json", str(tmp_path / "found.json")]) == 1
    table = capsys.readouterr().out
    assert re.search(r"P8  not run: ended with status 1: port \d+ of memory is taken", table)
