"""The row about virtual time: the whole server played through hours of faults, seed by seed."""

from collections.abc import Iterator

from jobyard.soak.simulate import simulate
from tests.scoreboard.lines import Entry, failures
from tests.scoreboard.trial import Trial

SEEDS = 300
SECONDS = 60.0
PATIENCE = 300.0
"""Real seconds after which the row says how far it came."""
AGAIN = 30
"""One seed in so many is played twice, and must go the same way."""


def simulation(trial: Trial) -> Iterator[Entry]:
    """Every seed with its own faults, judged by the history checker."""
    complaints, virtual, grants, twice, different = list[str](), 0.0, 0, 0, 0
    wanted, going, seed = trial.count(SEEDS, 2), trial.going(PATIENCE), 0
    while seed < wanted and going():
        outcome = simulate(seed, SECONDS)
        complaints += [f"seed {seed}: {one}" for one in outcome.complaints]
        virtual, grants = virtual + outcome.seconds, grants + outcome.figures.grants
        if seed % AGAIN == 0:
            twice += 1
            different += simulate(seed, SECONDS).trace != outcome.trace
        seed += 1
    by = f"{virtual / 3600:.1f} virtual hours, {grants:,} grants"
    by += f"; {complaints[0]}" if complaints else ""
    yield failures(trial.row, "promises broken", len(complaints), seed, "seeds", by)
    yield failures(trial.row, "seeds unlike themselves", different, twice, "seeds played twice")
