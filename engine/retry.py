"""How long a failed job waits before it is tried again.

Rule 1: arithmetic only; the random number is an argument.
Rule 2: the answer is finite, never negative and never past `maximum`, for any count of failures.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal, Self

from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable, ge, instance_of, le, max_len

LONGEST_DELAY = 366 * 86400.0
"""Seconds: no backoff waits longer."""

SHORTEST_DELAY = 0.001
"""Seconds: what a wait that grows may begin with; it would never grow from less."""

MOST_DELAYS = 100
"""Entries of a list of delays."""

MOST_FACTOR = 1000.0

_ENOUGH_FAILURES = 10**9  # more changes nothing, and a float holds it

_Check = Callable[[Any, "Attribute[float]", float], Any]

_number: _Check = instance_of((int, float))
_seconds: list[_Check] = [_number, ge(0), le(LONGEST_DELAY)]


@frozen
class Backoff:
    """The wait after the first, second, ... failure; without arguments the default policy.

    One shape serves three kinds, so jobs can share it and a store can pack it: build it with
    `fixed`, `exponential` or `listed`.

    Raises:
        ValueError: a number is out of its bounds, or `maximum` is below `minimum`.
        TypeError: something is not a number.
    """

    minimum: float = field(default=1.0, validator=_seconds)
    """Seconds after the first failure: 0, or a millisecond and more."""
    maximum: float = field(default=6 * 3600.0, validator=_seconds)
    """Seconds: the cap, jitter included."""
    factor: float = field(default=2.0, validator=[_number, ge(1), le(MOST_FACTOR)])
    """What each further failure multiplies the wait by; 1 keeps it."""
    jitter: float = field(default=0.25, validator=[_number, ge(0), le(1)])
    """Fraction of the wait by which it may be shorter or longer."""
    delays: tuple[float, ...] = field(
        default=(),
        validator=[instance_of(tuple), max_len(MOST_DELAYS), deep_iterable(_seconds)],
    )
    """Seconds after each failure, the last one repeating; empty: the rule above counts."""

    def __attrs_post_init__(self) -> None:
        if 0 < self.minimum < SHORTEST_DELAY:
            raise ValueError(f"minimum {self.minimum} is neither 0 nor {SHORTEST_DELAY} or more")
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")

    @classmethod
    def fixed(cls, delay: float, *, jitter: float = 0.0) -> Self:
        """The same `delay` seconds after every failure."""
        return cls(minimum=delay, maximum=LONGEST_DELAY, factor=1.0, jitter=jitter)

    @classmethod
    def exponential(
        cls,
        minimum: float = 1.0,
        maximum: float = 6 * 3600.0,
        factor: float = 2.0,
        jitter: float = 0.25,
    ) -> Self:
        """From `minimum` seconds, `factor` times as long each time, up to `maximum`."""
        return cls(minimum=minimum, maximum=maximum, factor=factor, jitter=jitter)

    @classmethod
    def listed(cls, delays: Iterable[float], *, jitter: float = 0.0) -> Self:
        """The given seconds one after the other; the last one repeats.

        Raises:
            ValueError: the list is empty, too long, or has a number out of bounds.
        """
        entries = tuple(delays)
        if not entries:
            raise ValueError("a list of delays needs at least one")
        return cls(minimum=0.0, maximum=LONGEST_DELAY, jitter=jitter, delays=entries)

    @property
    def kind(self) -> Literal["fixed", "exponential", "list"]:
        """Which of the three it is, for people."""
        if self.delays:
            return "list"
        return "fixed" if self.factor == 1 else "exponential"

    def delay(self, failures: int, spread: float) -> float:
        """Seconds to wait after the `failures`-th failure.

        Args:
            failures: How often the job has failed, at least 1; without an upper bound.
            spread: A random number in [0, 1) that picks the place inside the jitter; 0.5 is
                the middle. Near the cap the range is cut, not the answer, so that jobs at the
                cap do not all come back in the same instant.
        """
        assert failures >= 1
        assert 0 <= spread < 1
        middle = self._middle(min(failures, _ENOUGH_FAILURES))
        low = middle * (1 - self.jitter)
        high = min(middle * (1 + self.jitter), self.maximum)
        return min(low + (high - low) * spread, high)  # rounding must not pass the cap

    def _middle(self, failures: int) -> float:
        if self.delays:
            return float(self.delays[min(failures, len(self.delays)) - 1])
        if self.minimum == 0:
            return float(self.minimum)
        # Compared as logarithms: the power itself overflows after a thousand failures.
        growth = (failures - 1) * math.log(self.factor)
        if growth >= math.log(self.maximum / self.minimum):
            return float(self.maximum)
        return min(self.minimum * self.factor ** (failures - 1), float(self.maximum))
