"""JSON values out of a stream: the same ones however it is cut, and a bound on each."""

import json
import time
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.json_values import JsonValues, NotJson
from tests.support.fuzzing import mutations

BOUND = 2000
SAMPLES = (b'{"a":[1,"x\\"",{}]}\n[{}]', b'{"a":1}{"b":"}"}', b'[\n1\n]\r\n{"x":{}}\n')


def read(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def values(*chunks: bytes, bound: int = BOUND) -> list[Any]:
    stream, found = JsonValues[Any](read, bound), list[Any]()
    for chunk in chunks:
        stream.feed(chunk)
        while (one := stream.next()) is not None:
            found.append(one[0])
    return found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", []),
        (b" \r\n\t ", []),
        (b"{}", [{}]),
        (b"{}[]{}", [{}, [], {}]),
        (b'{"a":1}\n{"a":2}\r\n', [{"a": 1}, {"a": 2}]),
        (b'{"a":1} {"a":2}\n[3]', [{"a": 1}, {"a": 2}, [3]]),
        (b'{\n "a": {\n  "b": "}"\n }\n}\n{}', [{"a": {"b": "}"}}, {}]),
        (rb'{"a":"\"}{"}[]', [{"a": '"}{'}, []]),
        (rb'{"a":"\\"}[]', [{"a": "\\"}, []]),
        (b'{"a":"x\ny"}{}', [None, {}]),
        (b"{]{}", [None, {}]),
        (b"{nonsense}[1,]{}", [None, None, {}]),
        (b'{"a":1}\n}'[:8], [{"a": 1}]),
        (b'{"a":', []),
        (b"[" * 1000 + b"]" * 1000 + b"{}", [None, {}]),
    ],
)
def test_one_after_another(raw: bytes, found: list[Any]) -> None:
    got = values(raw, bound=5000)
    if raw.startswith(b"[[["):
        assert got[-1] == {}
    else:
        assert got == found
        assert values(*[raw[n : n + 1] for n in range(len(raw))]) == found


@given(
    st.lists(
        st.dictionaries(st.text(max_size=3), st.one_of(st.integers(-9, 9), st.text(max_size=9))),
        max_size=5,
    ),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from(["", "\n", " ", "\r\n"]),
    st.sampled_from([None, 1]),
)
def test_however_it_is_cut(
    wanted: list[Any], cuts: list[int], between: str, indent: int | None
) -> None:
    wire = between.join(json.dumps(one, indent=indent) for one in wanted).encode()
    chunks, at, turn = list[bytes](), 0, 0
    while at < len(wire):
        size = cuts[turn % len(cuts)]
        chunks.append(wire[at : at + size])
        at, turn = at + size, turn + 1
    assert values(wire) == wanted
    assert values(*chunks) == wanted


@pytest.mark.parametrize("raw", [b"5", b'"x"', b"null", b"{} x", b"]", b"\xef\xbb\xbf{}", b"\0"])
def test_what_begins_no_value(raw: bytes) -> None:
    with pytest.raises(NotJson):
        values(raw)


@pytest.mark.parametrize("raw", [b'{"a":"', b"[" * 9, b'{"a":"x",'])
def test_a_value_has_a_bound(raw: bytes) -> None:
    with pytest.raises(NotJson):
        values(raw, b"x" * BOUND)
    whole = b'["%b"]' % (b"x" * BOUND)
    for wire in (whole, whole + b"\n", b" " + whole):
        with pytest.raises(NotJson):
            values(wire)
        with pytest.raises(NotJson):
            values(*[wire[n : n + 100] for n in range(0, len(wire), 100)])


def test_bytes_are_looked_at_once() -> None:
    long = b'{"a":"' + b"x" * 1_000_000 + b'","b":[' + b'"\\"",' * 50_000 + b"1]}"
    began = time.perf_counter()
    (found,) = values(*[long[n : n + 16] for n in range(0, len(long), 16)], bound=2_000_000)
    assert len(found["a"]) == 1_000_000
    assert time.perf_counter() - began < 10


def read_well(wire: bytes) -> int:
    """How many values it gives before its end, or before it is no JSON."""
    with suppress(NotJson):
        return len(values(wire))
    return 0


def test_no_input_trips_it() -> None:
    assert sum(map(read_well, mutations(SAMPLES, seed=11))) > 0
