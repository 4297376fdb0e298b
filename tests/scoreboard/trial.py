"""What a row is given, and what several rows do with the tests they run."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from attrs import frozen

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load, compile_load

ROOT = Path(__file__).parents[2]


@frozen
class Trial:
    """One row being run."""

    row: str
    folder: Path
    quick: bool = False

    def count(self, full: int, quick: int) -> int:
        """How often to try."""
        return quick if self.quick else full

    def going(self, seconds: float) -> Callable[[], bool]:
        """Says for so long that there is time for more: what was reached stands in the table."""
        end = time.monotonic() + seconds
        return lambda: time.monotonic() < end

    def bench(self, *, seconds: float = 3.0, jobs: int = 1_000_000) -> Bench:
        """A session of the benchmarks, one round long."""
        load = Load(compile_load(self.folder), seconds)
        return Bench(self.folder, load, rounds=1, jobs=jobs)


def broken(work: Callable[[], Any]) -> str:
    """What a harness complains of; empty when it has nothing to say."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 -- whatever a harness meets is its finding
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""


@frozen
class Tally:
    """How the tests of a run ended."""

    ran: int
    failed: int
    first: str
    """The first that failed."""
    reason: str
    """Why the first that skipped itself did."""


def run_tests(trial: Trial, *wanted: str) -> Tally:
    """Run tests of this project by their names, and count them by pytest's own report."""
    report = trial.folder / "tests.xml"
    options = ["-q", "-p", "no:cacheprovider", f"--basetemp={trial.folder / 'tests'}"]
    words = [sys.executable, "-m", "pytest", *options, f"--junit-xml={report}", *wanted]
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"the tests did not run: pytest ended with {done.returncode}")
    cases = list(ET.parse(report).iter("testcase"))
    failed = [one for one in cases if {part.tag for part in one} & {"failure", "error"}]
    skipped = [one for one in (case.find("skipped") for case in cases) if one is not None]
    return Tally(
        ran=len(cases) - len(skipped),
        failed=len(failed),
        first=failed[0].get("name", "") if failed else "",
        reason=skipped[0].get("message", "") if skipped else "",
    )
