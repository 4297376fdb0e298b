"""The row about virtual time: the whole server played through hours of faults, seed by seed."""

import os
import time
from collections.abc import Iterator

from jobyard.soak.report import in_order, promises
from jobyard.soak.soaking import Course, Soak
from tests.scoreboard.lines import Entry, failures
from tests.scoreboard.trial import Trial

SEEDS = 270
"""Five virtual hours and a little more, with the time that each takes to come to rest."""
SECONDS = 60
PATIENCE = 270.0
"""Real seconds after which no more seeds are begun, and the row says how far it came."""
PROCESSES = 2
"""As many as the table may use."""


def simulation(trial: Trial) -> Iterator[Entry]:
    """What `jobyard soak` finds: every seed with its own faults, judged by what clients saw."""
    processes, until = min(PROCESSES, os.cpu_count() or 1), time.monotonic() + PATIENCE
    seconds = float(trial.count(SECONDS, 10))
    soak = Soak(Course(range(trial.count(SEEDS, 2)), seconds, processes, until))
    soak.run(lambda: None)
    tried = soak.figures
    by = f"{soak.played} seeds, {soak.seconds / 3600:.1f} virtual hours, {tried.kills:,} kills"
    by += f", {tried.crashes:,} crashes, {tried.cuts:,} cuts"
    if soak.failures:
        first = in_order(soak)[0].first
        by += f"; seed {first.seed}: {first.complaints[0]}"
    for one in promises(soak):
        yield failures(trial.row, one.promise, one.broken, one.of, one.what, by)
        by = ""
