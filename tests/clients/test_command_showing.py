"""What the command prints of what others wrote."""

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jobyard.commands import showing
from jobyard.job import Job, Published

HOSTILE = "\x1b[2J\x00\x7f\x9b1m\u202egpj\u2028\n\r\tplain é 😀"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_json_is_exact_and_printable(text: str) -> None:
    said = showing.encoded({"payload": text.encode(), text: [text]})
    assert said.isprintable()
    assert json.loads(said) == {"payload": text, text: [text]}


@given(TEXTS)
def test_yaml_is_exact_and_printable(text: str) -> None:
    said = showing.document({"payload": text})
    assert all(line.isprintable() for line in said.split("\n"))
    assert yaml.safe_load(said) == {"payload": text}


@given(st.text())
def test_a_text_for_people_is_printable_and_bounded(text: str) -> None:
    assert showing.shown(text).isprintable()
    assert len(showing.shown(text * 50, 10)) < 10 * 10 + 30


def test_what_is_no_text_is_base64() -> None:
    assert showing.native({"payload": b"\xff", "result": None}) == {
        "payload_base64": "/w==",
        "result": None,
    }


def test_a_narrow_stdout_has_json_that_is_exact_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Narrow:
        encoding = "ascii"

    monkeypatch.setattr("sys.stdout", Narrow())
    said = showing.encoded(HOSTILE)
    assert said.isascii()
    assert json.loads(said) == HOSTILE


def test_a_table_holds_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(
        id="j", queue=HOSTILE, type=HOSTILE, state="done", payload=HOSTILE.encode() + b"\xff",
        log=((1.5, HOSTILE),), created_at=0.0, finished_at=math.inf,
    )  # fmt: skip
    showing.show(job, "table")
    printed = capsys.readouterr().out
    assert all(line.isprintable() for line in printed.split("\n"))
    assert "created_at   1970-01-01 00:00:00Z" in printed
    assert "\\x1b[2J\\x00\\x7f\\x9b1m\\u202egpj\\u2028\\n\\r\\tplain é 😀\\xff" in printed
    assert "error" not in printed


def test_columns_line_up() -> None:
    assert showing.table(("a", "bcd"), [["long", "x"], ["", "yy"]]) == (
        "A     BCD\nlong  x\n      yy"
    )


PAGES = [(Published("a"), Published("b")), (Published("c", existing=True),)]


@pytest.mark.parametrize("pages", [[], [()], PAGES[:1], PAGES, [(), *PAGES]])
def test_pages_are_one_list(
    capsys: pytest.CaptureFixture[str], pages: list[tuple[Published, ...]]
) -> None:
    def row(one: Published) -> list[str]:
        return [one.job]

    wanted = [showing.native(one) for page in pages for one in page]
    showing.show_pages(pages, "json", ("job",), row)
    assert json.loads(capsys.readouterr().out) == wanted
    showing.show_pages(pages, "yaml", ("job",), row)
    assert yaml.safe_load(capsys.readouterr().out) == wanted
    showing.show_pages(pages, "table", ("job",), row)
    lines = capsys.readouterr().out.split("\n")[:-1]
    assert lines == (["JOB"] if pages else []) + [one["job"] for one in wanted]
