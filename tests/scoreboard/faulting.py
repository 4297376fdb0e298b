"""Rows about a world that fails: the clock, the network, the memory, the disk, and time itself."""

from collections.abc import Iterator
from functools import partial

import trio

from tests.benchmarks.figures import Goal
from tests.faults import operations as disk
from tests.faults.networks import missing
from tests.faults.remains import MEBIBYTE
from tests.faults.soaking import SLACK, Soak, soaked
from tests.faults.test_clock_jumps import HOUR, QUICK, jumped
from tests.faults.wall_clock import MISSING, library
from tests.scoreboard.lines import Entry, Line, NotRun, failures
from tests.scoreboard.trial import Trial, run_tests

JUMPS = (HOUR, -HOUR, 9_600 * HOUR, -9_600 * HOUR)
STRIDE = 5
"""One write in so many finds a disk that stays full."""
WARM = 10
SOAK = 20
NETWORKS = "tests/faults/test_cut_networks.py"
MEANS = ("tests/faults/test_memory.py", "tests/faults/test_descriptors.py")


def clock_jumps(trial: Trial) -> Iterator[Entry]:
    """The wall clock jumps under the real server while all that has a time is under way."""
    preload = library()
    if preload is None:
        yield NotRun(trial.row, MISSING.removeprefix("not run: "))
        return
    wanted = QUICK[:1] if trial.quick else JUMPS
    jumps = trio.run(jumped, trial.folder, preload, wanted)
    complaints = [one for jump in jumps for one in jump.complaints]
    checks = sum(jump.checks for jump in jumps)
    by = "; ".join([f"{len(jumps)} jumps, by up to 400 days", *complaints[:1]])
    what = "early, lost, kept or twice"
    yield failures(trial.row, what, len(complaints), checks, "checks", by)


def cut_networks(trial: Trial) -> Iterator[Entry]:
    """Hosts that are gone without a word, in network namespaces."""
    why = missing()
    if why:
        yield NotRun(trial.row, why.removeprefix("not run: "))
        return
    tally = run_tests(trial, NETWORKS)
    what = "promises broken by a cut cable"
    yield failures(trial.row, what, tally.failed, tally.ran, "tests", tally.first)


def means(trial: Trial) -> Iterator[Entry]:
    """Too little memory and too few descriptors."""
    tally = run_tests(trial, *MEANS)
    what = "promises broken for want of means"
    yield failures(trial.row, what, tally.failed, tally.ran, "tests", tally.first)


def engine_faults(trial: Trial) -> Iterator[Entry]:
    """Each operation on the disk fails once under a whole engine."""
    whole = slice(None, None, trial.count(1, 20))
    every, writes, reads = disk.operations(), disk.operations("write"), disk.reads()
    for what, work, numbers in (
        ("lost or torn by EIO", disk.broken_by_eio, every[whole]),
        ("lost, torn or done twice by ENOSPC", disk.broken_by_enospc, writes[whole]),
        (
            "answered in vain on a full disk",
            partial(disk.broken_by_enospc, until_healed=True),
            writes[whole][::STRIDE],
        ),
        ("other answers by a failed read", disk.broken_by_reads, reads[whole]),
    ):
        wrong = work(numbers)
        by = wrong[0] if wrong else "a whole engine at work"
        yield failures(trial.row, what, len(wrong), len(numbers), "operations", by)


def soak(trial: Trial) -> Iterator[Entry]:
    """Visits by every door, and what of them is left."""
    served = Soak.started(trial.folder)
    try:
        warm, seconds = trial.count(WARM, 1), trial.count(SOAK, 2)
        base, now = trio.run(soaked, served, warm, seconds)
        code = served.server.stop()
    finally:
        served.server.close()
    more = now.more_than(base)
    of, by = f"visits in {seconds} s", "; ".join(more) or f"beside {warm} s of warm-up"
    line = partial(failures, trial.row, trials=served.visits, of=of)
    yield line("descriptors, threads, tasks left", len(more), by=by)
    yield line("faults of the server", len(served.trouble) + code, by="".join(served.trouble[:1]))
    yield Line(
        row=trial.row, what="memory that grew", unit="MiB",
        value=round((now.memory - base.memory) / MEBIBYTE, 1), trials=served.visits, of=of,
        goal=Goal(SLACK["bytes of memory"] / MEBIBYTE, at_least=False),
        by=f"{now.memory / MEBIBYTE:.0f} MiB at rest",
    )  # fmt: skip
