"""What a histogram knows of the middle and the end of what it counted, in words. Pure."""

from itertools import accumulate
from typing import Final

from attrs import frozen

from engine.figures import Distribution
from frontends.http.pages.words import duration

_NONE: Final = duration(None)


@frozen
class Spread:
    """How long something takes, for people."""

    count: int
    mean: str
    half: str
    """Half of them took no longer."""
    most: str
    """Of a hundred, 95 took no longer."""


def spread(seen: Distribution) -> Spread:
    """A distribution of seconds in words."""
    count = sum(seen.counts)
    mean = duration(seen.total / count) if count else _NONE
    return Spread(count, mean, within(seen, 0.5), within(seen, 0.95))


def within(seen: Distribution, share: float) -> str:
    """The bound that this share of the values stays under: a bucket's, since no more is known.

    Args:
        seen: of seconds.
        share: above 0, at most 1.
    """
    count = sum(seen.counts)
    if not count:
        return _NONE
    reached = (
        number for number, sum_ in enumerate(accumulate(seen.counts)) if sum_ >= share * count
    )
    bucket = next(reached, len(seen.bounds))
    if bucket == len(seen.bounds):
        return f"over {duration(seen.bounds[-1])}"
    return f"≤ {duration(seen.bounds[bucket])}"
