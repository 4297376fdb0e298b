"""Frames between the server and the writer's process."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.store import frames

CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = CELLS | st.text(st.characters()) | st.binary()
ROWS = st.dictionaries(st.integers() | st.text(), st.tuples(VALUES, VALUES) | st.none())


@given(st.lists(ROWS, max_size=4), st.lists(st.integers(1, 40), max_size=60))
def test_any_split_of_the_bytes_gives_the_same_values(
    values: list[object], splits: list[int]
) -> None:
    sent = b"".join(map(frames.encode, values))
    received = bytearray()
    found: list[object] = []
    for size in [*splits, len(sent)]:
        received += sent[:size]
        sent = sent[size:]
        found += frames.decode(received)
    assert found == values
    assert received == b""


def test_a_value_that_is_not_plain_is_not_sent() -> None:
    for value in (object(), {1: frames}, [print]):
        with pytest.raises(ValueError, match="unmarshallable"):
            frames.encode(value)


def test_reading_waits_for_a_whole_frame_and_ends_at_end_of_file() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frames.encode(("", {1: b"x"})) + frames.encode(None)[:-1])
        ours.shutdown(socket.SHUT_WR)
        assert frames.read(theirs) == ("", {1: b"x"})
        with pytest.raises(EOFError):
            frames.read(theirs)
