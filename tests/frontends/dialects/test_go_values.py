"""JSON values read and written as Go does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.go_values import DEPTH, NotJsonError, read, write


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        (b"1.0", b"1"),
        (b"-0", b"-0"),
        (b"2.50", b"2.5"),
        (b"1e20", b"100000000000000000000"),
        (b"1e21", b"1e+21"),
        (b"1e100", b"1e+100"),
        (b"0.000001", b"0.000001"),
        (b"0.00001", b"0.00001"),
        (b"1e-7", b"1e-7"),
        (b"-1.25e-12", b"-1.25e-12"),
        (b"5e-324", b"5e-324"),
        (b"1.7976931348623157e308", b"1.7976931348623157e+308"),
        (b"12345678901234567890", b"12345678901234567890"),
        (b"9" * 308, b"9" * 308),
        (b' {"b": 1, "a": [null, true, false], "B": {}} ', b'{"B":{},"a":[null,true,false],"b":1}'),
        (b'{"a":1,"a":2}', b'{"a":2}'),
        (b'"<\\u00e9&>"', '"\\u003cé\\u0026\\u003e"'.encode()),
        (b'"\\ud800x\\ud83d\\ude00"', '"\ufffdx😀"'.encode()),
        (b'"a\xffb"', '"a\ufffdb"'.encode()),
        (b'{"\xff":1}', '{"\ufffd":1}'.encode()),
        (b'"\xe2\x80\xa8"', b'"\\u2028"'),
        (b'"\\u0000"', b'"\\u0000"'),
        (b"[" * DEPTH + b"]" * DEPTH, b"[" * DEPTH + b"]" * DEPTH),
        (b"[" * DEPTH + b'"\xc3\xa9"' + b"]" * DEPTH, b"[" * DEPTH + b'"\xc3\xa9"' + b"]" * DEPTH),
    ],
)
def test_what_is_read_is_written_so(raw: bytes, written: bytes) -> None:
    assert write(read(raw)) == written


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 310, b"9" * 5000,
        b"1_000", "٣".encode(), "²".encode(), b"01", b"1.", b".5", b"+1", b"-", b"0x1", b"1 x",
        b"[1,]", b"{'a':1}", b'{"a"}', b'"\x01"', b'"a\nb"', b"\x00", b"\xef\xbb\xbf1", b"\x0b1",
        b"1\xc2\xa0", b"\xff", b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), b"[" * 100_000,
        b'{"a":' * 100_000, b"[" * DEPTH + b'["\xc3\xa9"]' + b"]" * DEPTH,
    ],
)  # fmt: skip
def test_what_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(NotJsonError) as caught:
        read(raw)
    assert len(str(caught.value)) <= 200


def test_what_follows_is_ignored_where_it_may_be() -> None:
    assert read(b'{"a":1} junk', trailing=True) == {"a": 1}
    with pytest.raises(NotJsonError):
        read(b"junk {}", trailing=True)


Json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(Json)
def test_it_comes_back_the_same(value: object) -> None:
    raw = json.dumps(value).encode()
    again = write(read(raw))
    assert json.loads(again, parse_int=float) == json.loads(raw, parse_int=float)
    assert write(read(again)) == again


@given(st.integers(-(10**308), 10**308))
def test_whole_numbers_are_exact(value: int) -> None:
    assert write(read(b"%d" % value)) == b"%d" % value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(raw: bytes) -> None:
    try:
        value = read(raw)
    except NotJsonError:
        return
    assert write(read(write(value))) == write(value)
