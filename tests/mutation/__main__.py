"""`python -m tests.mutation [MODULE ...] [--sample N]`: change the engine's pure modules, and see.

0 when the tests notice the share of the changes that is wanted, 1 when not, 2 when the tests fail
without any change.
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tests.architecture import FACES, is_pure, within
from tests.mutation.run import Run
from tests.mutation.table import BOUND, Result, Score, render, total
from tests.mutation.trying import Trials

ROOT = Path(__file__).parents[2]
TESTS = ("tests/engine", "tests/model", "tests/contracts")
"""What may notice a mutant: the tests of the engine, by themselves."""
AT_IMPORT = (*FACES, "engine.commands.table")
"""Modules that work while the tests are read; children are forked after that."""
QUIETLY = ("-q", "-s", "--tb=no", "-p", "no:cacheprovider", "--no-header")


class Kept(msgspec.Struct, frozen=True):
    """What a run leaves behind."""

    about: str
    scores: list[Score]
    results: list[Result]


def pure_modules() -> dict[str, Path]:
    """The engine's modules without input and output that work while tests run, by name."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "engine").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if is_pure(name) and name not in AT_IMPORT:
            found[name] = path
    return found


def arguments(words: list[str]) -> argparse.Namespace:
    """What to change, and how often."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="or a package of them; all")
    parser.add_argument("--sample", type=int, default=60, metavar="N", help="of a module; 60")
    parser.add_argument("--seconds", type=float, default=4, help="of tests for one mutant; 4")
    parser.add_argument("--again", action="store_true", help="try what survived the last run")
    parser.add_argument("--json", type=Path, default=Path("build/mutants.json"))
    found = parser.parse_args(words)
    known = pure_modules()
    if wrong := [name for name in found.modules if not any(within(m, name) for m in known)]:
        parser.error(f"no pure module of the engine: {' '.join(wrong)}")
    if found.again and not found.json.exists():
        parser.error(f"no run has left {found.json}")
    return found


def main(words: list[str]) -> int:
    """Try the mutants and print the table."""
    wanted, began = arguments(words), time.time()
    known = pure_modules()
    modules = {n: p for n, p in known.items() if not wanted.modules or within(n, *wanted.modules)}
    earlier: list[Result] = []
    if wanted.again:
        earlier = msgspec.json.decode(wanted.json.read_bytes(), type=Kept).results
    run = Run(modules, wanted.sample, [result for result in earlier if result.by])
    tests = [str(ROOT / folder) for folder in TESTS]
    pytest.main([*QUIETLY, *tests], plugins=[Trials(ROOT / "engine", run, wanted.seconds)])
    if run.failed or not run.scores:
        sys.stderr.write(f"without any change these fail: {run.failed}\n")
        return 2
    when, took = time.strftime("%Y-%m-%d", time.gmtime(began)), time.time() - began
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    about = f"{when}; {machine}; at most {wanted.sample} of a module; {took:.0f} s"
    sys.stdout.write(f"{about}\n\n{render(run.scores)}\n")
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    kept = msgspec.json.encode(Kept(about, run.scores, run.results))
    wanted.json.write_bytes(msgspec.json.format(kept, indent=1) + b"\n")
    return int(total(run.scores).share < BOUND)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
