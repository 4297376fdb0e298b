"""Dice play with the real queue beside the naive one: faster than Hypothesis, and no shrinking.

A failure names its seed and ends with the calls that led to it, ready to be pasted into a test.
"""

import os
import random

import pytest

from tests.model.play import Play, throw
from tests.model.world import World

STEPS = int(os.environ.get("JOBYARD_SEEDED_STEPS", "2000000"))
IN_A_RUN = 250
QUICK_RUNS = 60
SHOWN = 40
KEEP = (1_000_000, 2, 1_000_000, 0)
"""Done jobs that a queue keeps, by seed."""


def run(seed: int, steps: int = IN_A_RUN) -> Play:
    """One run; what happened is added to whatever breaks."""
    play, dice = Play(World(seed=seed, keep_done=KEEP[seed % len(KEEP)])), random.Random(seed)
    happened: list[str] = []
    for step in range(steps + 1):
        name, numbers = throw(dice) if step < steps else ("drain", [])
        happened.append(f"play.{name}({', '.join(map(str, numbers))})")
        try:
            getattr(play, name)(*numbers)
        except Exception as error:
            error.add_note(f"seed {seed}, step {len(happened)}; what happened:")
            error.add_note("\n".join(happened[-SHOWN:]))
            raise
    return play


@pytest.mark.parametrize("seed", range(QUICK_RUNS))
def test_dice_find_no_broken_promise(seed: int) -> None:
    run(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(20))
def test_dice_find_none_in_many_steps(part: int) -> None:
    runs = max(1, STEPS // IN_A_RUN // 20)
    for seed in range(1_000_000 * (part + 1), 1_000_000 * (part + 1) + runs):
        run(seed)


def test_a_run_meets_every_state_and_every_cause() -> None:
    """The dice are worth something: all that can happen to a job does."""
    met: set[str] = set()
    for seed in range(20):
        play = Play(World(seed=seed))
        dice = random.Random(seed)
        for _ in range(IN_A_RUN):
            name, numbers = throw(dice)
            getattr(play, name)(*numbers)
            for job in play.world.naive.jobs:
                met.add(job.state)
                met |= {
                    name
                    for name in ("lapses", "disconnects", "releases", "resets", "attempts")
                    if getattr(job, name)
                }
                met |= {"canceling"} if job.hold and job.hold.cancel_at < float("inf") else set()
                met |= {"away"} if job.hold and job.hold.back_at < float("inf") else set()
    assert met == {
        "scheduled", "ready", "reserved", "done", "failed", "canceled", "expired",
        "lapses", "disconnects", "releases", "resets", "attempts", "canceling", "away",
    }  # fmt: skip
