"""Seeds of the whole server under faults: no promise is broken, and every seed can be replayed."""

import os
import random
from collections import Counter

import pytest

from jobyard.soak.outcome import Figures, Outcome
from jobyard.soak.plan import WORDS, plan
from jobyard.soak.scheduling import DICE, LOOP, SWITCH
from jobyard.soak.shrink import report, shrink
from jobyard.soak.simulate import simulate

QUICK, QUICK_SECONDS = 8, 15.0
SEEDS, SECONDS = int(os.environ.get("JOBYARD_SEEDS", "300")), 60.0
BATCH = 10


def play(seed: int, seconds: float) -> Outcome:
    outcome = simulate(seed, seconds)
    if outcome.complaints:
        pytest.fail(report(shrink(outcome, seconds), seconds))
    return outcome


def test_trio_still_has_the_dice_we_seed() -> None:
    assert isinstance(LOOP[DICE], random.Random)
    assert type(LOOP[SWITCH]) is bool


@pytest.mark.parametrize("seed", range(QUICK))
def test_no_promise_is_broken_in_a_few_seeds(seed: int) -> None:
    outcome = play(seed, QUICK_SECONDS)
    assert outcome.figures.grants > 5 * QUICK_SECONDS, "the run was long enough to mean something"


def test_a_seed_goes_the_same_way_every_time() -> None:
    one, again, other = (simulate(seed, QUICK_SECONDS) for seed in (0, 0, 1))
    assert one == again
    assert one.trace != other.trace


def test_the_quick_seeds_meet_every_kind_of_fault() -> None:
    kinds = Counter(f.kind for seed in range(QUICK) for f in plan(seed, QUICK_SECONDS))
    assert set(kinds) == set(WORDS)


def test_a_failing_seed_is_played_again_with_the_faults_it_needs() -> None:
    planned = plan(3, SECONDS)
    guilty = {planned[2], planned[5]}

    def playing(seed: int, seconds: float, faults: object) -> Outcome:
        assert isinstance(faults, tuple)
        broken = ("lost key-1: gone",) if guilty <= set(faults) else ()
        return Outcome(seed, faults, broken, "", Figures(), seconds)

    failed = Outcome(3, planned, ("lost key-1: gone",), "", Figures(), SECONDS)
    least = shrink(failed, SECONDS, playing)
    assert set(least.faults) == guilty
    assert report(least, SECONDS).splitlines() == [
        "seed 3: 1 promises broken",
        "  lost key-1: gone",
        f"under 2 of {len(planned)} faults:",
        f"  {planned[2]}",
        f"  {planned[5]}",
        "again: jobyard soak --seed 3 --seconds 60 --faults 2,5",
    ]


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_promise_is_broken_in_many_seeds(first: int) -> None:
    outcomes = [play(seed, SECONDS) for seed in range(first, min(first + BATCH, SEEDS))]
    assert simulate(first, SECONDS) == outcomes[0]
