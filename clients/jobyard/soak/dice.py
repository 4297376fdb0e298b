"""Chance that repeats: every part of a run throws dice of its own, so none disturbs another."""

from random import Random


def dice_of(seed: int, whose: str) -> Random:
    """The same throws whenever the seed and the name are the same."""
    return Random(f"{seed}/{whose}")  # noqa: S311 - repeatable on purpose
