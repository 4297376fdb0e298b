"""Cutting the stream: the same requests, however the bytes were split."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.framing import (
    LINE_TOO_LONG,
    MALFORMED,
    STRANGER,
    WORDS_MAX,
    Reader,
    Request,
    Unreadable,
)

BOUND = 100


def read(*chunks: bytes, bound: int = BOUND) -> list[Request | Unreadable]:
    reader, found = Reader(), list[Request | Unreadable]()
    for chunk in chunks:
        reader.feed(chunk)
        while (request := reader.next(bound)) is not None:
            found.append(request)
            if isinstance(request, Unreadable):
                return found
    return found


def array(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


CASES: list[tuple[bytes, list[Request | Unreadable]]] = [
    (b"", []),
    (b"PING", []),
    (b"PING\n", [b"PING"]),
    (b"PING\r\n", [b"PING"]),
    (b"PING\r\r\n", [b"PING\r"]),
    (b"\n\r\n", [b"", b""]),
    (b"PING\nPING\n", [b"PING", b"PING"]),
    (b"a\rb\n", [b"a\rb"]),
    (b"\0", []),
    (b"\0\n", [b"\0"]),
    (b"\x16\x04\n", [b"\x16\x04"]),
    ("a\x85b\u2028c\n".encode(), ["a\x85b\u2028c".encode()]),
    (array(b"PING"), [[b"PING"]]),
    (array(b"PUBLISH", b"q", b"t", b"a\r\nb\n\0 'c"), [[b"PUBLISH", b"q", b"t", b"a\r\nb\n\0 'c"]]),
    (array(b"D", b"*a", b"$b"), [[b"D", b"*a", b"$b"]]),
    (array(b"D", b""), [[b"D", b""]]),
    (array(b"PING") + b"PING\n" + array(b"PING"), [[b"PING"], b"PING", [b"PING"]]),
    (b"*0\r\n*-1\r\nPING\n", [b"PING"]),
    (b"*x\r\n", [b"*x"]),
    (b"*1\n", [b"*1"]),
    ("*٣\r\n".encode(), ["*٣".encode()]),
    (b"*1_0\r\n", [b"*1_0"]),
    (b"*\r\n", [b"*"]),
    (b"*1\r\nPING\r\n", [MALFORMED]),
    (b"*1\r\n$4\nPING\r\n", [MALFORMED]),
    (b"*1\r\n$4\r\nPINGX\r\n", [MALFORMED]),
    (b"*1\r\n$-1\r\n", [MALFORMED]),
    (b"*1\r\n$+4\r\nPING\r\n", [MALFORMED]),
    (b"*1\r\n$0000000000004\r\nPING\r\n", [MALFORMED]),
    (b"*2\r\n$3\r\nabc\r\n$98\r\n", [LINE_TOO_LONG]),
    (b"*1\r\n$999999999\r\n", [LINE_TOO_LONG]),
    (b"*%d\r\n" % (WORDS_MAX + 1), [LINE_TOO_LONG]),
    (b"*999999999\r\n", [LINE_TOO_LONG]),
    (b"a" * BOUND + b"\n", [b"a" * BOUND]),
    (b"a" * BOUND + b"b\nPING\n", [LINE_TOO_LONG]),
    (b"a" * (BOUND + 1), [LINE_TOO_LONG]),
    (b"PING\n" + b"a" * (BOUND + 1), [b"PING", LINE_TOO_LONG]),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", [STRANGER]),
    (b"POST /gateway HTTP/1.1\r\n", [STRANGER]),
    (b"OPTIONS * HTTP/1.1\r\n", [STRANGER]),
    (b"GET http://h/ HTTP/1.1\r\n", [STRANGER]),
    (b"CONNECT /_goRPC_ HTTP/1.0\r\n", [STRANGER]),
    (b"PRI * HTTP/2.0\r\n\r\n", [STRANGER]),
    (b"\x16\x03\x01\x02\x00\x01", [STRANGER]),
    (b"GET\n / HTTP\n", [b"GET", b" / HTTP"]),
    (b"GET 0190b6a0\n", [b"GET 0190b6a0"]),
    (b"PING\nGET / HTTP/1.1\n", [b"PING", b"GET / HTTP/1.1"]),
]


@pytest.mark.parametrize(("stream", "requests"), CASES)
def test_a_stream_is_cut_into_requests(stream: bytes, requests: list[Request | Unreadable]) -> None:
    assert read(stream) == requests


@pytest.mark.parametrize(("stream", "requests"), CASES)
def test_byte_by_byte_gives_the_same(stream: bytes, requests: list[Request | Unreadable]) -> None:
    assert read(*(bytes([byte]) for byte in stream)) == requests


PIECES = st.one_of(
    st.sampled_from([case for case, _ in CASES]),
    st.binary(max_size=12),
    st.lists(st.binary(max_size=8), min_size=1, max_size=4).map(lambda words: array(*words)),
)


@given(st.lists(PIECES, max_size=6).map(b"".join), st.data())
def test_any_split_gives_the_same(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    ends = [0, *cuts, len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(ends)]
    assert read(*chunks) == read(stream)


@given(st.lists(PIECES, max_size=6), st.integers(1, 3))
def test_bytes_that_come_before_the_earlier_ones_were_read_wait(
    pieces: list[bytes], ahead: int
) -> None:
    reader, found = Reader(), list[Request | Unreadable]()
    for number, piece in enumerate(pieces):
        reader.feed(piece)
        if number % (ahead + 1) == 0 and (request := reader.next(BOUND)) is not None:
            found.append(request)
            if isinstance(request, Unreadable):
                break
    while not (found and isinstance(found[-1], Unreadable)):
        request = reader.next(BOUND)
        if request is None:
            break
        found.append(request)
    assert found == read(b"".join(pieces))


def test_the_tail_is_the_line_that_has_begun() -> None:
    reader = Reader()
    assert reader.next(BOUND) is None
    assert (reader.pausing, reader.tail(), reader.newline) == (False, b"", False)
    reader.feed(b"PING ")
    assert reader.next(BOUND) is None
    assert (reader.pausing, reader.tail(), reader.newline) == (True, b"PING ", False)
    reader.take_tail()
    assert (reader.pausing, reader.tail(), reader.empty) == (False, b"", True)
    reader.feed(b"PING\n*2\r\n$2\r\na ")
    assert reader.next(BOUND) == b"PING"
    assert reader.next(BOUND) is None
    assert (reader.pausing, reader.tail(), reader.newline) == (False, b"", True)
    assert reader.in_array


def _cost(size: int, piece: int) -> float:
    stream = b"P q t " + b"x" * size + b"\n" + array(b"P", b"y" * size)
    chunks = [stream[at : at + piece] for at in range(0, len(stream), piece)]
    began = time.process_time()
    assert len(read(*chunks, bound=1 << 30)) == 2
    return (time.process_time() - began) / len(stream)


def test_small_pieces_of_a_large_payload_cost_the_same_each() -> None:
    small = min(_cost(50_000, 10) for _ in range(3))
    large = min(_cost(1_000_000, 10) for _ in range(2))
    assert large < 4 * small


def test_many_tiny_commands_in_one_packet_cost_the_same_each() -> None:
    def cost(count: int) -> float:
        began = time.process_time()
        assert len(read(b"a\n" * count)) == count
        return (time.process_time() - began) / count

    small = min(cost(2_000) for _ in range(3))
    large = min(cost(64_000) for _ in range(2))
    assert large < 4 * small
