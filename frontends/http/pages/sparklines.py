"""A line the size of a word: what a queue did in the last hour. Pure."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

WIDTH: Final = 120
HEIGHT: Final = 24
_MOST: Final = 60
"""Corners of a line: more would not be seen."""
_EDGE: Final = 1.5
"""Left free above and below, so that the line is not cut."""


@frozen
class Sparkline:
    """One line, as SVG draws it in a box of WIDTH by HEIGHT."""

    points: str
    """The corners of a polyline."""
    most: float
    """The value at the top."""
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(values: Sequence[float]) -> Sparkline | None:
    """The line of values at equal distances, oldest first; None: there are too few to draw.

    Args:
        values: finite numbers from 0 on. Of many, neighbours are added up.
    """
    group = -(-len(values) // _MOST) or 1
    first = len(values) % group
    drawn = [sum(values[at : at + group]) for at in range(first, len(values), group)]
    if len(drawn) < 2:
        return None
    most = max(drawn)
    across = WIDTH / (len(drawn) - 1)
    points = " ".join(
        f"{number * across:.1f},{_down(value, most):.1f}" for number, value in enumerate(drawn)
    )
    return Sparkline(points, most)


def _down(value: float, most: float) -> float:
    share = value / most if most else 0.0
    return _EDGE + (HEIGHT - 2 * _EDGE) * (1.0 - share)
