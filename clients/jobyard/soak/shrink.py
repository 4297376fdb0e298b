"""A failing seed with no more faults than it needs, in words that anybody can play again."""

from collections.abc import Callable, Sequence
from typing import Final

from jobyard.soak.outcome import Outcome
from jobyard.soak.plan import Fault, plan
from jobyard.soak.simulate import simulate

SHOWN: Final = 5
AGAIN: Final = "jobyard soak"

Playing = Callable[[int, float, Sequence[Fault] | None], Outcome]
"""Plays a seed for so many virtual seconds under its own faults, or under fewer of them."""


def shrink(failed: Outcome, seconds: float, play: Playing = simulate) -> Outcome:
    """Drop faults while one of the same promises is broken: half of them, at last one by one."""
    best, size = failed, max(1, len(failed.faults) // 2)
    while size:
        end = len(best.faults)
        while end:
            begin = max(0, end - size)
            outcome = play(failed.seed, seconds, best.faults[:begin] + best.faults[end:])
            if outcome.kinds & failed.kinds:
                best = outcome
            end = begin
        size //= 2
    return best


def report(outcome: Outcome, seconds: float) -> str:
    """What broke, under which faults, and how to see it again."""
    planned = plan(outcome.seed, seconds)
    return "\n".join([
        f"seed {outcome.seed}: {len(outcome.complaints)} promises broken",
        *(f"  {complaint}" for complaint in outcome.complaints[:SHOWN]),
        f"under {len(outcome.faults)} of {len(planned)} faults:",
        *(f"  {fault}" for fault in outcome.faults),
        f"again: {again(outcome, seconds)}",
    ])  # fmt: skip


def again(outcome: Outcome, seconds: float) -> str:
    """The command that plays it once more."""
    planned = plan(outcome.seed, seconds)
    said = f"{AGAIN} --seed {outcome.seed} --seconds {seconds:g}"
    if outcome.faults == planned:
        return said
    numbers = ",".join(str(planned.index(fault)) for fault in outcome.faults)
    return f"{said} --faults {numbers or 'none'}"
