"""Payloads for people: every digit as it was, and nothing that hurts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.http.pages.payloads import (
    DUMPED,
    FOLD,
    LONGEST_PRETTY,
    Kind,
    dump,
    is_json,
    pretty,
    preview,
    shown,
)


def test_json_is_set_out_with_its_numbers_as_they_are() -> None:
    text = '{"n":12345678901234567890123.10,"e":1e999,"l":[1,{"x":[]}],"s":"a, {b}: \\" c"}'
    assert pretty(text).splitlines() == [
        "{",
        '  "n": 12345678901234567890123.10,',
        '  "e": 1e999,',
        '  "l": [',
        "    1,",
        "    {",
        '      "x": []',
        "    }",
        "  ],",
        '  "s": "a, {b}: \\" c"',
        "}",
    ]
    digits = "9" * 5000
    assert digits in shown(f"[{digits}]".encode()).text


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_values, st.sampled_from([None, 3]))
def test_what_is_set_out_is_the_same_value(value: object, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    laid_out = pretty(text)
    assert json.loads(laid_out) == value
    assert pretty(laid_out) == laid_out


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", Kind.EMPTY),
        (None, Kind.EMPTY),
        (b'{"a": 1}', Kind.JSON),
        (b"1" * 5000, Kind.JSON),
        (b"1e999", Kind.JSON),
        (b"NaN", Kind.TEXT),
        (b"[" * 100_000, Kind.TEXT),
        (b'{"a": 1} x', Kind.TEXT),
        (b"<script>alert(1)</script>\x00", Kind.TEXT),
        (b"\xff\xfe", Kind.BINARY),
        (b"\xed\xa0\x80", Kind.BINARY),
    ],
)
def test_what_bytes_are_taken_for(content: bytes | None, kind: Kind) -> None:
    assert shown(content).kind is kind


def test_a_lot_of_text_is_folded_or_whole() -> None:
    content = b"x" * (FOLD + 1)
    found = shown(content)
    assert (found.whole, len(found.text), found.size) == (False, FOLD, FOLD + 1)
    assert shown(content, whole=True).text == content.decode()
    assert shown(content[:-1]).whole


def test_long_json_is_shown_as_it_came() -> None:
    text = json.dumps(["x"] * LONGEST_PRETTY)
    assert shown(text.encode(), whole=True).text == text


def test_deep_json_grows_no_further_than_a_bound() -> None:
    depth = 500
    text = "[" * depth + ",".join(["1"] * 50_000) + "]" * depth
    assert is_json(text.encode())
    assert pretty(text) == text


def test_bytes_are_dumped_as_far_as_they_are_shown() -> None:
    assert dump(b"GET /\x00\xff") == (
        "000000  47 45 54 20 2f 00 ff                             GET /··"
    )
    found = shown(bytes(range(256)) * 1024)
    assert not found.whole
    assert len(found.text.splitlines()) == DUMPED // 16
    assert shown(b"\xff", whole=True).base64 == "/w=="


def test_a_preview_is_one_short_line() -> None:
    assert preview(b'{"a":\n\n  1}') == '{"a": 1}'
    assert preview(None) == ""
    assert preview(b"\xff" * 9) == "\ufffd" * 9
    assert len(preview(b"x" * (1 << 20))) == 160
