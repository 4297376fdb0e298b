"""The page about the library: its programs print what it shows, its tests pass."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from jobyard.library import Engine
from jobyard.topic_options import TopicOptions
from jobyard.topics import HeldJob

pytest_plugins = ["pytester"]
ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "clients" / "LIBRARY.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PROGRAMS: Final = [text for kind, text in BLOCKS if kind == "python" and "def test_" not in text]
TESTS: Final = [text for kind, text in BLOCKS if kind == "python" and "def test_" in text]


def test_its_program_prints_what_it_shows() -> None:
    (program,) = PROGRAMS
    (shown,) = [text for kind, text in BLOCKS if kind == "text"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == shown


@pytest.mark.parametrize("text", TESTS, ids=range(len(TESTS)))
def test_its_tests_pass(
    text: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'clients'}")
    pytester.makepyfile(text)
    done = pytester.runpytest_subprocess(
        "-W", "error", "-p", "jobyard.pytest_plugin", "-p", "pytest_trio.plugin",
        "-o", "trio_mode=true",
    )  # fmt: skip
    done.assert_outcomes(passed=1)


def test_it_names_every_verb_and_option() -> None:
    words = set(re.findall(r"[`, ]([a-z_]+)[(`=,]", TEXT))
    verbs = {name for kind in (Engine, HeldJob) for name in vars(kind) if not name.startswith("_")}
    assert verbs | set(TopicOptions.__annotations__) <= words
