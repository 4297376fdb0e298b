"""Runs that are over at once, go wrong as planned, or never end; lanes import them by name."""

import os
import threading
from collections.abc import Sequence

from jobyard.soak.outcome import Figures, Outcome
from jobyard.soak.plan import Fault, plan

GUILTY = {2, 5}
"""Faults by number, of seed 3 in a minute, that break a promise together."""
Faults = Sequence[Fault] | None


def fine(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    figures = Figures(kills=1, acknowledged=3, grants=4, accepted=3, done=2, delays=1)
    return Outcome(seed, tuple(faults or ()), (), f"way {seed}", figures, seconds)


def broken_by_two(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    """Seed 3 loses a job under two of its faults; under another one it gets stuck."""
    outcome = fine(seed, seconds, faults)
    if seed != 3:
        return outcome
    planned = plan(seed, seconds)
    there = {planned.index(fault) for fault in outcome.faults}
    complaints = ["lost key-1: gone"] if there >= GUILTY else []
    complaints += ["stuck: job-9"] if 7 in there else []
    return Outcome(seed, outcome.faults, tuple(complaints), f"{there}", Figures(grants=4), seconds)


def another_way_each_time(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    trace = os.urandom(8).hex()
    return Outcome(seed, tuple(faults or ()), (), trace, Figures(grants=1), seconds)


def always_broken(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    return Outcome(seed, tuple(faults or ()), ("undone key-1: x",), "way", Figures(), seconds)


def raising(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    raise ValueError(f"seed {seed}\nis odd")


def dying(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    os._exit(3)


def hanging(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    threading.Event().wait()
    raise AssertionError


def hurried(seed: int, seconds: float, faults: Faults = None) -> Outcome:
    """The whole server, with delays that are cut short; nobody else waits for it to be loaded."""
    import pytest

    from jobyard.soak.simulate import simulate
    from tests.planted import order_faults

    with pytest.MonkeyPatch.context() as patch:
        order_faults.delay_cut_short(patch)
        return simulate(seed, seconds, faults)
