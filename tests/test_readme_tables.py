"""The two tables of the README are what the commands print: every row, the day, the machine."""

import re
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import ROWS as MEASURED
from tests.scoreboard.rows import ROWS as ATTACKED

PAGE = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def between_the_marks(name: str) -> list[str]:
    after = PAGE.partition(f"<!-- {name} -->\n")[2]
    return after.partition(f"<!-- end of {name} -->")[0].splitlines()


@pytest.mark.parametrize(
    ("name", "rows"), [("make scoreboard", set(ATTACKED)), ("make bench", set(MEASURED))]
)
def test_a_table_has_every_row_its_day_and_its_machine(name: str, rows: set[str]) -> None:
    about, _, head, _, *lines = between_the_marks(name)
    assert re.match(r"\d{4}-\d\d-\d\d; .+, \d+ cores, \w+, Python 3\.\d+\.\d+; ", about)
    assert head.startswith("| row | ")
    assert {re.split(r" \| |  ", line[2:])[0] for line in lines if line} == rows


def test_no_promise_is_shown_broken_and_no_row_unfinished() -> None:
    lines = between_the_marks("make scoreboard")
    assert not [line for line in lines if "BROKEN" in line or "FAILED" in line]
    assert not [line for line in lines if "quick" in line]
