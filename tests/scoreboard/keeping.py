"""Rows about what is kept: power cuts, faults of the disk, a disk that is full."""

from collections.abc import Iterator
from functools import partial

from tests.powercut import test_disk_faults as disk
from tests.powercut.cuts import run_cuts
from tests.scoreboard.lines import Entry, NotRun, failures, found
from tests.scoreboard.trial import Trial, broken, run_tests

CUTS = 20_000
CONTROL = 200
FULL = "tests/acceptance/test_disk_full.py"


def power_cuts(trial: Trial) -> Iterator[Entry]:
    """The power fails at some operation, under the cipher; then the control without a sync."""
    outcome = run_cuts(trial.count(CUTS, 200), seed=1)
    line = partial(failures, trial.row, trials=outcome.cuts, of="power cuts")
    yield line("acknowledged commits lost", outcome.lost)
    yield line("commits torn", outcome.torn)
    lost = run_cuts(CONTROL, synchronous="NORMAL", seed=1).lost
    yield found(trial.row, "missing sync found", int(lost > 0), 1, "planted", "power cuts")


def disk_faults(trial: Trial) -> Iterator[Entry]:
    """Each operation on the disk fails once."""
    for what, work, cells in (
        (
            "lost or torn by EIO",
            disk.test_after_any_io_error_the_store_stops_and_nothing_acknowledged_is_gone,
            len(disk.OPERATIONS),
        ),
        (
            "lost, torn or kept in vain by ENOSPC",
            disk.test_a_commit_without_room_is_rolled_back_whole_and_goes_through_later,
            len(disk.WRITES),
        ),
        ("wrong rows by a failed read", disk.test_a_read_that_fails_gives_no_wrong_rows, 30),
    ):
        complaint = broken(work)
        yield failures(trial.row, what, int(bool(complaint)), cells, "operations", complaint)


def full_disk(trial: Trial) -> Iterator[Entry]:
    """A file system that has no room, under the real server."""
    tally = run_tests(trial, FULL)
    if tally.ran:
        what = "promises broken"
        yield failures(trial.row, what, tally.failed, tally.ran, "fillings", tally.first)
    else:
        yield NotRun(trial.row, tally.reason.removeprefix("not run: "))
