"""The table: medians, ratios, goals."""

import json

import pytest

from tests.benchmarks.__main__ import arguments
from tests.benchmarks.figures import Figure, Goal, Missing, number, render, spread

BESIDE = Figure(
    "P1", "PUBLISH", "/s", (50.0, 40.0, 90.0), Goal(0.4, ratio=True), (99.0, 100.0, 101.0), "peer"
)


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (Goal(0.4), 0.4, True),
        (Goal(0.4), 0.39, False),
        (Goal(30, at_least=False), 30, True),
        (Goal(30, at_least=False), 30.1, False),
    ],
)
def test_a_goal_is_a_bound_from_below_or_above(goal: Goal, value: float, reached: bool) -> None:
    assert goal.reached(value) is reached


def test_a_ratio_is_one_of_medians() -> None:
    assert BESIDE.ratio == 0.5
    assert BESIDE.reached is True


def test_a_ratio_without_its_peer_is_neither_reached_nor_missed() -> None:
    lonely = Figure("P1", "PUBLISH", "/s", (50.0,), Goal(0.4, ratio=True), (), "peer is missing")
    assert lonely.ratio is None
    assert lonely.reached is None
    assert "peer is missing" in render([lonely])
    assert "no peer" in render([lonely])


def test_an_absolute_goal_needs_no_peer() -> None:
    assert Figure("P8", "x", "ms", (0.2, 0.1, 0.1), Goal(0.15, at_least=False)).reached is True


@pytest.mark.parametrize(
    ("value", "text"), [(123456.7, "123,457"), (12.345, "12.35"), (0.1234, "0.123")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_the_spread_is_half_of_what_lies_between_the_runs() -> None:
    assert spread((90.0, 100.0, 110.0)) == "100 ±10%"
    assert spread((5.0,)) == "5.00"
    assert spread(()) == "-"


def test_the_table_names_what_was_not_run() -> None:
    text = render([BESIDE, Missing("P2", "took no connection")]).splitlines()
    assert text[1].split() == [
        "P1", "PUBLISH", "50.00", "±50%", "/s", "peer", "100", "±1%", "0.50", "≥", "0.4", "times",
        "reached",
    ]  # fmt: skip
    assert text[2] == "P2  not run: took no connection"


def test_a_line_is_plain_values_too() -> None:
    line = json.loads(json.dumps(BESIDE.as_json()))
    assert (line["median"], line["ratio"], line["reached"]) == (50.0, 0.5, True)


@pytest.mark.parametrize(
    "words", [["P99"], ["--rounds", "0"], ["--jobs", "999"], ["--crowd", "10"]]
)
def test_arguments_are_checked(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(words)
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err
