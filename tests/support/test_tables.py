"""Tables of figures, on a terminal and in a page."""

from pathlib import Path

import pytest

from tests.support.tables import in_columns, in_markdown, put_into, where_and_when

ROWS = [("row", "found"), ("kills", "0"), ("a|b", "12")]


def test_columns_stand_below_each_other_and_notes_below_them() -> None:
    assert in_columns(ROWS, ["x  not run"]) == "row    found\nkills  0\na|b    12\nx  not run"


def test_markdown_has_a_table_and_a_list() -> None:
    assert in_markdown(ROWS, ["x  not run"]).split("\n") == [
        "| row | found |", "| --- | --- |", "| kills | 0 |", r"| a\|b | 12 |", "", "- x  not run",
    ]  # fmt: skip


def test_a_table_replaces_the_one_of_its_name(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- one -->\nold\n<!-- end of one -->\nb\n")
    put_into(page, "one", "new\n")
    put_into(page, "one", "newer\n")
    assert page.read_text() == "a\n<!-- one -->\nnewer\n<!-- end of one -->\nb\n"


def test_a_page_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- one -->\n")
    with pytest.raises(ValueError, match="no marks for one"):
        put_into(page, "one", "new")
    assert page.read_text() == "<!-- one -->\n"


def test_a_day_is_one_of_utc_and_comes_first() -> None:
    assert where_and_when(86_399.0).startswith("1970-01-01; ")
