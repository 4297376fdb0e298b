import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retry import LONGEST_DELAY, MOST_DELAYS, MOST_FACTOR, SHORTEST_DELAY, Backoff

MIDDLE = 0.5
ALMOST_ONE = math.nextafter(1.0, 0.0)

seconds = st.just(0.0) | st.floats(SHORTEST_DELAY, LONGEST_DELAY)
jitters = st.floats(0, 1)
exponentials = st.builds(
    lambda bounds, factor, jitter: Backoff.exponential(min(bounds), max(bounds), factor, jitter),
    st.tuples(seconds, seconds),
    st.floats(1, MOST_FACTOR),
    jitters,
)
lists = st.lists(st.floats(0, LONGEST_DELAY), min_size=1, max_size=MOST_DELAYS)
backoffs = (
    exponentials
    | st.builds(lambda delay, jitter: Backoff.fixed(delay, jitter=jitter), seconds, jitters)
    | st.builds(lambda delays, jitter: Backoff.listed(delays, jitter=jitter), lists, jitters)
)
failures = st.integers(1, 50) | st.integers(1, 10**9) | st.just(10**400)
spreads = st.floats(0, ALMOST_ONE)


def test_the_default_doubles_from_a_second_to_six_hours() -> None:
    policy = Backoff()
    assert [policy.delay(n, MIDDLE) for n in (1, 2, 3, 4, 10, 15)] == [1, 2, 4, 8, 512, 16384]
    assert policy.delay(16, ALMOST_ONE) <= 6 * 3600
    assert policy == Backoff.exponential()
    assert policy.kind == "exponential"


def test_the_default_jitter_is_a_quarter_both_ways() -> None:
    assert Backoff().delay(5, 0.0) == 12.0
    assert Backoff().delay(5, MIDDLE) == 16.0
    assert Backoff().delay(5, ALMOST_ONE) == pytest.approx(20.0)


def test_at_the_cap_the_waits_are_still_spread() -> None:
    waits = {Backoff().delay(1000, spread / 8) for spread in range(8)}
    assert len(waits) == 8
    assert min(waits) == 0.75 * 6 * 3600
    assert max(waits) < 6 * 3600


def test_a_fixed_wait_stays() -> None:
    policy = Backoff.fixed(1800)
    assert {policy.delay(n, spread) for n in (1, 2, 10**9) for spread in (0.0, 0.9)} == {1800.0}
    assert policy.kind == "fixed"


def test_a_fixed_wait_spreads_both_ways_when_asked_to() -> None:
    policy = Backoff.fixed(100, jitter=0.1)
    assert policy.delay(3, 0.0) == pytest.approx(90)
    assert policy.delay(3, ALMOST_ONE) == pytest.approx(110)


def test_no_wait_at_all_is_a_policy() -> None:
    assert Backoff.fixed(0).delay(7, MIDDLE) == 0
    assert Backoff.exponential(minimum=0).delay(7, MIDDLE) == 0


def test_the_last_of_a_list_repeats() -> None:
    policy = Backoff.listed([10, 60, 300])
    assert [policy.delay(n, 0.9) for n in (1, 2, 3, 4, 10**9)] == [10, 60, 300, 300, 300]
    assert policy.kind == "list"


@given(backoffs, failures, spreads)
def test_a_wait_is_finite_never_negative_and_never_past_the_cap(
    policy: Backoff, failed: int, spread: float
) -> None:
    wait = policy.delay(failed, spread)
    assert isinstance(wait, float)
    assert 0 <= wait <= policy.maximum <= LONGEST_DELAY


@given(backoffs, failures, spreads)
def test_jitter_keeps_to_its_fraction_of_the_wait_without_it(
    policy: Backoff, failed: int, spread: float
) -> None:
    plain = Backoff(policy.minimum, policy.maximum, policy.factor, 0.0, policy.delays)
    middle = plain.delay(failed, 0.0)
    tolerance = 1e-9 * middle
    assert middle * (1 - policy.jitter) - tolerance <= policy.delay(failed, spread)
    assert policy.delay(failed, spread) <= middle * (1 + policy.jitter) + tolerance


@given(exponentials, st.integers(1, 200))
def test_an_exponential_wait_is_the_capped_power(policy: Backoff, failed: int) -> None:
    plain = Backoff(policy.minimum, policy.maximum, policy.factor, 0.0)
    power = Fraction(policy.minimum) * Fraction(policy.factor) ** (failed - 1)
    exact = float(min(power, Fraction(policy.maximum)))
    assert plain.delay(failed, MIDDLE) == pytest.approx(exact, rel=1e-9)


@given(exponentials, failures, failures)
def test_more_failures_never_mean_a_shorter_wait(policy: Backoff, one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert policy.delay(fewer, MIDDLE) <= policy.delay(more, MIDDLE)


@given(backoffs, failures, spreads, spreads)
def test_a_larger_spread_never_means_a_shorter_wait(
    policy: Backoff, failed: int, one: float, other: float
) -> None:
    smaller, larger = sorted((one, other))
    assert policy.delay(failed, smaller) <= policy.delay(failed, larger)


def test_equal_policies_are_one_key() -> None:
    assert len({Backoff(), Backoff.exponential(), Backoff(minimum=1)}) == 1
    assert len({Backoff.listed([1, 2]), Backoff.listed((1, 2)), Backoff.listed([2, 1])}) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum": -1.0},
        {"minimum": math.nan},
        {"minimum": 5e-324},
        {"minimum": 10**400},
        {"maximum": math.inf},
        {"maximum": LONGEST_DELAY + 1},
        {"minimum": 10.0, "maximum": 9.0},
        {"factor": 0.5},
        {"factor": math.nan},
        {"factor": MOST_FACTOR * 2},
        {"jitter": -0.1},
        {"jitter": 1.1},
        {"jitter": math.nan},
        {"delays": (1.0, -1.0)},
        {"delays": (math.nan,)},
        {"delays": (1.0,) * (MOST_DELAYS + 1)},
    ],
)
def test_numbers_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Backoff(**wrong)  # type: ignore[arg-type]  # the wrong values are the point


@pytest.mark.parametrize("wrong", [{"minimum": "1"}, {"delays": [1.0]}, {"delays": ("1",)}])
def test_what_is_no_number_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(TypeError):
        Backoff(**wrong)  # type: ignore[arg-type]  # the wrong types are the point


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Backoff.listed([])
