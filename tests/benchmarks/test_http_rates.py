"""P7 from start to end, with a wrk that asks once and says what a real one says."""

import stat
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.bench import Bench
from tests.benchmarks.http_rates import http_api
from tests.benchmarks.load import Load, LoadError

ONCE: Final = """\
#!{python}
import re, sys, httpx
words = sys.argv[1:]
name, _, value = words[words.index("-H") + 1].partition(": ")
body = None
if "-s" in words:
    script = open(words[words.index("-s") + 1]).read()
    body = re.search("wrk.body = '(.*)'", script)[1]
headers = {{name: value}} if body is None else {{name: value, "Content-Type": "application/json"}}
answer = httpx.request("GET" if body is None else "POST", words[-1], headers=headers, content=body)
print("" if answer.is_success and {fine} else "  Non-2xx or 3xx responses: 1")
print("Requests/sec:   3456.78")
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Load(tmp_path / "load", 0.1), rounds=1)


def put_wrk(folder: Path, monkeypatch: pytest.MonkeyPatch, *, fine: bool) -> None:
    place = folder / "bin"
    place.mkdir()
    program = place / "wrk"
    program.write_text(ONCE.format(python=sys.executable, fine=fine))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(place))


def test_both_figures_are_measured(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put_wrk(bench.folder, monkeypatch, fine=True)
    figures = list(http_api(bench))
    assert [figure.ours for figure in figures] == [(3456.78,), (3456.78,)]
    assert all(figure.reached for figure in figures)


def test_an_answer_that_is_none_ends_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put_wrk(bench.folder, monkeypatch, fine=False)
    with pytest.raises(LoadError, match="did not answer every request"):
        list(http_api(bench))


def test_without_wrk_the_row_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LoadError, match="wrk is not installed"):
        list(http_api(bench))
