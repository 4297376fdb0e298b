"""Words and quotes, as every client of the original has come to know them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.words import CARRIED, split, split_quoted
from tests.frontends.dialects.reference import words_of

RECORDED = [
    ("D", ["D"]),
    ("D nonQuoted 'that is quoted' 'also that' 'and' that",
     ["D", "nonQuoted", "that is quoted", "also that", "and", "that"]),
    ("D ''", ["D", ""]),
    ("D 'a'", ["D", "a"]),
    ("D 'a b'", ["D", "a b"]),
    ("D 'a  b'", ["D", "a  b"]),
    ("D a  b", ["D", "a", "", "b"]),
    ("D a ", ["D", "a", ""]),
    ("D 'a b", ["D"]),
    ("D 'a", ["D"]),
    ("D a'", ["D", "a"]),
    ("D a b'", ["D", "a", "b"]),
    ("D 'a b' c'", ["D", "a b", " b c"]),
    ("D x'y", ["D", "x'y"]),
    ("D x'y z", ["D", "x'y", "z"]),
    ("D 'it's ok'", ["D", "it's ok"]),
    ("D 'a 'b c'", ["D", "b c"]),
    ("D 'a' 'b", ["D", "a"]),
    ("D 'a'b' c", ["D", "a'b", "c"]),
    ("D ''a''", ["D", "'a'"]),
    ("D 'a ''", ["D", ""]),
    ('D "a b"', ["D", '"a', 'b"']),
    ("D '{\"k\":\"v w\"}' end", ["D", '{"k":"v w"}', "end"]),
    ("D 'a\\'b c'", ["D", "a\\'b c"]),
    ("'D' a", ["D", "a"]),
    ("'D a' b", ["D a", "b"]),
    ("", [""]),
    (" ", ["", ""]),
]  # fmt: skip
LONE = [
    ("D '", ["D"]),
    ("D ' '", ["D", " "]),
    ("D ' hello'", ["D", " hello"]),
    ("D 'hello '", ["D", "hello "]),
    ("D ' a b '", ["D", " a b "]),
    ("D '  '", ["D", "  "]),
    ("'", []),
    ("' '", [" "]),
    ("D 'a ' b '", ["D", "a ", "b"]),
    ("D '''", ["D", "'"]),
    ("D ' ' '", ["D", " "]),
]


@pytest.mark.parametrize(("line", "words"), RECORDED + LONE)
def test_a_line_is_cut_into_its_words(line: str, words: list[str]) -> None:
    assert split(line.encode()) == [word.encode() for word in words]
    assert split_quoted(line.encode())[0] == split(line.encode())
    assert words_of(line) == words


LINES = st.text(alphabet="ab' \\\"é\x00", max_size=40)


@given(LINES)
def test_any_line_is_cut_as_the_naive_parser_cuts_it(line: str) -> None:
    assert split(line.encode()) == [word.encode() for word in words_of(line)]


@given(st.lists(st.sampled_from(["'", "''", "' ", " '", "a'", "'a", " ", "a"]), max_size=12))
def test_any_heap_of_quotes_is_cut_as_the_naive_parser_cuts_it(pieces: list[str]) -> None:
    line = "".join(pieces)
    assert split(line.encode()) == [word.encode() for word in words_of(line)]
    assert split_quoted(line.encode())[0] == [word.encode() for word in words_of(line)]


@pytest.mark.parametrize(
    ("line", "opened"),
    [("a", False), ("'a", True), ("'a b", True), ("'a b'", False), ("a '", True), ("a ' '", False),
     ("a' b", False), ("'a ''", True)],
)  # fmt: skip
def test_an_open_quote_is_known(line: str, opened: bool) -> None:
    assert split_quoted(line.encode())[1] is opened


def test_a_line_of_closing_words_does_not_grow_without_bound() -> None:
    count = 20_000
    words = split(b" ".join([b"ab'"] * count))
    assert len(words) == count
    assert words[:3] == [b"ab", b"b ab", b" ab ab"]
    assert sum(map(len, words)) < 2 * CARRIED + 3 * count


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    assert split(b"P q '\xff\x00 \x80'") == [b"P", b"q", b"\xff\x00 \x80"]
    assert split("P\u00a0q\u2028r\x85s\tt u".encode()) == ["P\u00a0q\u2028r\x85s\tt".encode(), b"u"]
