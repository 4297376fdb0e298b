"""What goes wrong in a run, and when: drawn from the seed before anything else is."""

import random
from collections.abc import Callable
from typing import Final, Literal

from attrs import frozen

from jobyard.soak.dice import dice_of

Kind = Literal["kill", "crash", "full", "stall", "cut", "hang", "jump"]
Length = Callable[[random.Random], float]


@frozen
class Fault:
    """One thing that goes wrong. Times are virtual seconds."""

    kind: Kind
    at: float
    length: float
    """How long it lasts; of a jump, how far the wall clock goes, which may be back."""
    pick: int
    """Which connection or queue it hits: the remainder counts."""

    def __str__(self) -> str:
        return f"{self.at:7.3f} s  {WORDS[self.kind]} ({self.length:+.3f} s, {self.pick})"


WORDS: Final[dict[Kind, str]] = {
    "kill": "the server is killed, and started again",
    "crash": "commits stand still, and a queue's actor crashes meanwhile",
    "full": "the disk is full",
    "stall": "commits stand still",
    "cut": "a connection breaks",
    "hang": "a connection delivers nothing",
    "jump": "the wall clock jumps",
}
_KINDS: Final[dict[Kind, tuple[int, Length]]] = {
    "kill": (5, lambda dice: dice.uniform(0.05, 1.0)),
    "crash": (3, lambda dice: dice.uniform(0.0, 0.5)),
    "full": (2, lambda dice: dice.uniform(0.1, 3.0)),
    "stall": (3, lambda dice: dice.uniform(0.05, 3.0)),
    "cut": (8, lambda dice: dice.expovariate(10.0)),
    "hang": (3, lambda dice: dice.uniform(0.1, 5.0)),
    "jump": (2, lambda dice: dice.uniform(-5_000.0, 5_000.0)),
}
"""How often each comes beside the others, and how long it lasts."""
PER_SECOND: Final = 0.6


def plan(seed: int, seconds: float) -> tuple[Fault, ...]:
    """The faults of a seed, in order of time."""
    dice = dice_of(seed, "faults")
    kinds = list(_KINDS)
    weights = [weight for weight, _ in _KINDS.values()]
    found = []
    for _ in range(max(1, round(seconds * PER_SECOND))):
        [kind] = dice.choices(kinds, weights)
        at, length = dice.uniform(0.0, seconds), _KINDS[kind][1](dice)
        found.append(Fault(kind, round(at, 3), round(length, 3), dice.randrange(1_000)))
    return tuple(sorted(found, key=lambda fault: fault.at))
