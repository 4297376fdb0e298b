"""Rows about the pure queue: the model beside it, and the faults planted in it."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import pytest

from tests.model import test_model_machine as machine
from tests.model import test_model_seeded as dice
from tests.model.naive_job import Broken
from tests.planted.planting import Fault
from tests.planted.test_planted_queue_faults import FAULTS, SEEDS
from tests.scoreboard.lines import Entry, failures, found
from tests.scoreboard.trial import Trial, broken

BY_HYPOTHESIS = 150_000
BY_DICE = 2_000_000
HYPOTHESIS_SECONDS = 20.0
DICE_SECONDS = 20.0
"""After which a row says how many steps it came to."""
IN_ONE_GO = 50
"""Runs of Hypothesis between two looks at the clock."""
FIRST_SEED = 1_000_000
FEW = 5
"""Faults that a quick run plants."""


def hypothesis_steps(trial: Trial) -> Iterator[Entry]:
    """Hypothesis plays; every promise is checked after each step."""
    machine.Machine.steps = 0
    wanted, going = trial.count(BY_HYPOTHESIS, 1_200), trial.going(HYPOTHESIS_SECONDS)
    complaint = ""
    while machine.Machine.steps < wanted and not complaint and going():
        runs = min(IN_ONE_GO, 1 + (wanted - machine.Machine.steps) // machine.IN_A_RUN)
        complaint = broken(partial(machine.play, runs))
    steps = machine.Machine.steps
    yield failures(trial.row, "promises broken", int(bool(complaint)), steps, "steps", complaint)


def dice_steps(trial: Trial) -> Iterator[Entry]:
    """Seeded dice play; the same for everybody."""
    a_run = dice.IN_A_RUN + 1
    wanted, going = trial.count(BY_DICE, 2_000), trial.going(DICE_SECONDS)
    complaints, steps, seed = list[str](), 0, FIRST_SEED
    while steps < wanted and going():
        if complaint := broken(partial(dice.run, seed)):
            complaints.append(f"seed {seed}: {complaint}")
        steps, seed = steps + a_run, seed + 1
    first = complaints[0] if complaints else ""
    yield failures(trial.row, "promises broken", len(complaints), steps, "steps", first)


def seeds_to_find(fault: Fault) -> int | None:
    """How many runs it takes until the fault is found by its own name; None: it is not."""
    by_dice = [partial(dice.run, seed) for seed in range(SEEDS)]
    plays: Sequence[Callable[[], object]] = [fault.script] if fault.script else by_dice
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        for taken, play in enumerate(plays, 1):
            try:
                play()
            except Broken as complaint:
                return taken if re.search(fault.finds, str(complaint)) else None
    return None


def queue_faults(trial: Trial) -> Iterator[Entry]:
    """Faults planted in the queue, and how soon the model sees them."""
    chosen = random.Random(0).sample(FAULTS, trial.count(len(FAULTS), FEW))
    seeds = {fault.name: seeds_to_find(fault) for fault in chosen}
    took = [number for number in seeds.values() if number is not None]
    missed = ", ".join(name for name, number in seeds.items() if number is None)
    by = f"model; seeds: median {median(took or [0]):g}, most {max(took or [0])}"
    by += f"; missed: {missed}" * bool(missed)
    yield found(trial.row, "queue faults found", len(took), len(seeds), "planted", by)
