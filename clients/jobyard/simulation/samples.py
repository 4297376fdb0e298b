"""Random jobs for the operations of the examples, and some that no attempt can do."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from attrs import frozen

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzäöüñç "
_IMPOSSIBLE: Final = (("fibonacci", "abc"), ("arithmetic", "5 +"), ("arithmetic", "7 / (2 - 2)"))


@frozen
class Sample:
    """What is published."""

    type: str
    payload: str


def samples(seed: str) -> Iterator[Sample]:
    """One after another without end, the same ones for a seed."""
    chance = Random(seed)  # noqa: S311 - nothing of it is secret
    while True:
        (make,) = chance.choices(_MAKERS, _WEIGHTS)
        yield make(chance)


def _fibonacci(chance: Random) -> Sample:
    return Sample("fibonacci", str(chance.randrange(1_000)))


def _arithmetic(chance: Random) -> Sample:
    text = str(chance.randrange(100))
    for _ in range(chance.randint(1, 5)):
        text += f" {chance.choice('+-*/')} {chance.randint(1, 99)}"
    return Sample("arithmetic", text)


def _reverse(chance: Random) -> Sample:
    return Sample("reverse", "".join(chance.choices(_LETTERS, k=chance.randint(1, 40))))


def _encoder(chance: Random) -> Sample:
    return Sample("encoder", "".join(chance.choices("abcdefghijklmnop", k=chance.randint(1, 20))))


def _impossible(chance: Random) -> Sample:
    return Sample(*chance.choice(_IMPOSSIBLE))


_MAKERS: Final[tuple[Callable[[Random], Sample], ...]] = (
    _fibonacci, _arithmetic, _reverse, _encoder, _impossible,
)  # fmt: skip
_WEIGHTS: Final = (4, 4, 4, 1, 2)
"""A hash is meant to be slow, so few are asked for."""
