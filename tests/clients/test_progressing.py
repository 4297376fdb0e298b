"""How far something is shows on a terminal, and nowhere else."""

import io
import sys

import pytest

from jobyard.commands.progressing import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("total", [None, 0, 3])
def test_on_a_terminal_it_shows(monkeypatch: pytest.MonkeyPatch, total: int | None) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    with progress("importing", total) as advance:
        advance(3)
    assert "importing" in out.getvalue()


def test_elsewhere_it_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("importing", 3) as advance:
        advance(1)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
