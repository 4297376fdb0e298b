"""A failing seed with no more faults than it needs, in words that anybody can play again."""

from collections.abc import Callable, Sequence
from typing import Final

from jobyard.soak.plan import Fault, plan
from jobyard.soak.simulate import Outcome, simulate

SHOWN: Final = 5
AGAIN: Final = "python -m tests.simulation"

Play = Callable[[int, float, Sequence[Fault]], Outcome]


def shrink(failed: Outcome, seconds: float, play: Play = simulate) -> Outcome:
    """Drop faults one by one, the last ones first, while a promise is broken still."""
    best = failed
    for fault in reversed(failed.faults):
        fewer = [kept for kept in best.faults if kept is not fault]
        outcome = play(failed.seed, seconds, fewer)
        if outcome.complaints:
            best = outcome
    return best


def report(outcome: Outcome, seconds: float) -> str:
    """What broke, under which faults, and how to see it again."""
    planned = plan(outcome.seed, seconds)
    numbers = ",".join(str(planned.index(fault)) for fault in outcome.faults)
    return "\n".join([
        f"seed {outcome.seed}: {len(outcome.complaints)} promises broken",
        *(f"  {complaint}" for complaint in outcome.complaints[:SHOWN]),
        f"under {len(outcome.faults)} of {len(planned)} faults:",
        *(f"  {fault}" for fault in outcome.faults),
        f"again: {AGAIN} {outcome.seed} --seconds {seconds:g} --faults {numbers or 'none'}",
    ])  # fmt: skip
