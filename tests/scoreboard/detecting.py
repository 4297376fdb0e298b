"""The row about what the simulation finds: faults planted in the whole server, by seeds taken."""

from collections.abc import Iterator
from statistics import median

from tests.scoreboard.lines import Entry, found
from tests.scoreboard.trial import Trial
from tests.simulation.finding import FAULTS, seeds_taken

SEEDS = 4
"""Faults that take more are left out."""
FEW = 3
"""Faults that a quick run plants."""


def simulated_faults(trial: Trial) -> Iterator[Entry]:
    """Faults that a few seeds find, and how few; the nightly tests plant those that take many."""
    chosen = [planted for planted in FAULTS if planted.took <= SEEDS]
    chosen = chosen[: trial.count(len(chosen), FEW)]
    seeds = {planted.fault.name: seeds_taken(planted) for planted in chosen}
    took = [number for number in seeds.values() if number is not None]
    missed = ", ".join(name for name, number in seeds.items() if number is None)
    by = f"simulation; seeds: median {median(took or [0]):g}, most {max(took or [0])}"
    by += f"; missed: {missed}" * bool(missed)
    yield found(trial.row, "server faults found", len(took), len(seeds), "planted", by)
