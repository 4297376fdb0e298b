"""Lines the size of words, and what histograms know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import Distribution, Histogram
from frontends.http.pages.percentiles import spread, within
from frontends.http.pages.sparklines import HEIGHT, WIDTH, sparkline


def seen(*values: float) -> Distribution:
    """What a histogram has of these."""
    histogram = Histogram()
    for value in values:
        histogram.note(value)
    return histogram.seen()


def test_nothing_counted_says_nothing() -> None:
    assert (spread(seen()).count, spread(seen()).mean, within(seen(), 0.5)) == (
        0,
        "\u2013",
        "\u2013",
    )


def test_a_bucket_bounds_what_is_not_known_better() -> None:
    found = spread(seen(0.2, 0.2, 0.2, 4.0))
    assert (found.count, found.half, found.most) == (4, "≤ 500 ms", "≤ 5 s")
    assert found.mean == "1.1 s"
    assert within(seen(*[0.2] * 19, 4.0), 0.95) == "≤ 500 ms"
    assert within(seen(1e9), 0.95) == "over 1 d"


def test_too_few_values_are_no_line() -> None:
    assert sparkline([]) is None
    assert sparkline([1.0]) is None


def test_a_line_goes_from_edge_to_edge_and_from_least_to_most() -> None:
    line = sparkline([0.0, 4.0, 2.0])
    assert line is not None
    assert line.points == "0.0,22.5 60.0,1.5 120.0,12.0"
    assert line.most == 4.0


def test_of_many_values_neighbours_are_added_up() -> None:
    line = sparkline([1.0] * 361)
    assert line is not None
    assert line.most == 7.0
    assert len(line.points.split()) == 51


@given(st.lists(st.floats(0, 1e12), max_size=400))
def test_no_corner_is_outside_of_the_box(values: list[float]) -> None:
    line = sparkline(values)
    for corner in line.points.split() if line else ():
        across, down = map(float, corner.split(","))
        assert 0 <= across <= WIDTH + 0.1
        assert 0 < down < HEIGHT


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_any_share_of_one_value_is_that_value(share: float) -> None:
    assert within(seen(0.0), share) == "≤ 1 ms"
