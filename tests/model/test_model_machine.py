"""Hypothesis plays with the real queue beside the naive one."""

import os
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.model.play import BOUNDS, Play

STEPS = int(os.environ.get("JOBYARD_HYPOTHESIS_STEPS", "150000"))
IN_A_RUN = 60
QUICK_RUNS = 60


class Machine(RuleBasedStateMachine):
    """Every method of `Play` is a rule; after each, all promises are checked."""

    steps: ClassVar[int] = 0
    """Of all plays together."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()

    def teardown(self) -> None:
        self.play.drain()


def _rule_of(name: str, bounds: tuple[int, ...]) -> Any:
    numbers = st.tuples(*(st.integers(0, bound - 1) for bound in bounds))

    def happen(self: Machine, numbers: tuple[int, ...]) -> None:
        getattr(self.play, name)(*numbers)
        Machine.steps += 1

    happen.__name__ = name
    return rule(numbers=numbers)(happen)


for _name, (_, _bounds) in BOUNDS.items():
    setattr(Machine, _name, _rule_of(_name, _bounds))


def play(runs: int) -> None:
    profile = settings(
        max_examples=runs,
        stateful_step_count=IN_A_RUN,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=profile)


def test_hypothesis_finds_no_broken_promise() -> None:
    play(QUICK_RUNS)


@pytest.mark.nightly
def test_hypothesis_finds_none_in_many_steps() -> None:
    play(max(1, STEPS // IN_A_RUN))
