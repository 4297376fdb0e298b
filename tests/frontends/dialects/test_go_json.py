"""JSON as Go writes it, byte for byte."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects import go_json

KNOWN = [
    (b"", rb""),
    (b"it's ok", rb"it's ok"),
    (b"<b>&amp;</b>", rb"\u003cb\u003e\u0026amp;\u003c/b\u003e"),
    ("é ü 漢字 😀".encode(), "é ü 漢字 😀".encode()),
    (b"tab\there", rb"tab\there"),
    (b'back\\slash "dq"', rb"back\\slash \"dq\""),
    (b"ctrl\x01\x1f", rb"ctrl\u0001\u001f"),
    (b"\n\r\b\f\0\x7f", b"\\n\\r\\u0008\\u000c\\u0000\x7f"),
    ("\u2028\u2029".encode(), rb"\u2028\u2029"),
    (b"\xff", rb"\ufffd"),
    (b"\xff?\xfe", rb"\ufffd?\ufffd"),
    (b"\xe6\xbc?", rb"\ufffd\ufffd?"),
    (b"\xed\xa0\x80", rb"\ufffd\ufffd\ufffd"),
    (b"\xf0\xe2\x80\xa8", rb"\ufffd\u2028"),
    (b"\xc0\xaf\xf5\x80", rb"\ufffd\ufffd\ufffd\ufffd"),
    ("\ufffd".encode(), "\ufffd".encode()),
    (b"\\u003c\x00?", rb"\\u003c\u0000?"),
]


@pytest.mark.parametrize(("raw", "inner"), KNOWN)
def test_a_string_is_escaped_as_go_escapes_it(raw: bytes, inner: bytes) -> None:
    assert go_json.string(raw) == b'"' + inner + b'"'


def naive(raw: bytes) -> bytes:
    out = b""
    for char in raw.decode("utf-8", "surrogateescape"):
        if char in '"\\':
            out += b"\\" + char.encode()
        elif char in "\n\r\t":
            out += {"\n": rb"\n", "\r": rb"\r", "\t": rb"\t"}[char]
        elif char < " " or char in "<>&\u2028\u2029":
            out += b"\\u%04x" % ord(char)
        elif "\ud800" <= char <= "\udfff":
            out += rb"\ufffd"
        else:
            out += char.encode()
    return b'"' + out + b'"'


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=40).map(lambda t: t.encode("utf-8", "surrogatepass")),
    )
)
def test_any_bytes_are_escaped_as_the_naive_way_does(raw: bytes) -> None:
    shown = go_json.string(raw)
    assert shown == naive(raw)
    assert isinstance(json.loads(shown), str)
    assert not re.search(rb"[\x00-\x1f<>&]", shown)


@given(st.text(max_size=40))
def test_text_comes_back_from_any_json_reader(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    if b"\xed" not in raw:
        assert json.loads(go_json.string(raw)) == text


def test_no_payload_holds_the_loop() -> None:
    for raw in (b"\xff", b"<", b'"', b"\x01", bytes(range(256)), "é\u2028".encode()):
        began = time.process_time()
        go_json.string(raw * ((1 << 20) // len(raw)))
        assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, b'"0001-01-01T00:00:00Z"'),
        (0.0, b'"1970-01-01T00:00:00Z"'),
        (1795338525.0, b'"2026-11-22T09:08:45Z"'),
        (1795338525.5, b'"2026-11-22T09:08:45.5Z"'),
        (1795338525.000125, b'"2026-11-22T09:08:45.000125Z"'),
        (1795338520.25, b'"2026-11-22T09:08:40.25Z"'),
    ],
)
def test_times_have_no_zeros_at_the_end(seconds: float | None, shown: bytes) -> None:
    assert go_json.time(seconds) == shown


def test_a_lone_surrogate_in_a_name_is_shown_and_breaks_nothing() -> None:
    assert go_json.name("a\ud800b") == rb'"a\ufffd\ufffd\ufffdb"'
