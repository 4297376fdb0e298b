"""A connection that said something large and then nothing more keeps none of it."""

import tracemalloc
from collections.abc import Callable
from typing import Any, Final

import pytest

from frontends.dialects.framing import Reader
from frontends.dialects.json_values import JsonValues

CROWD: Final = 20
SIZE: Final = 200_000
ARRAY: Final = b"*2\r\n$4\r\nECHO\r\n$%d\r\n%b\r\n" % (SIZE, b"x" * SIZE)
JSON: Final = b'{"text": "%b"}\n' % (b"x" * SIZE)


def lines() -> Callable[[bytes], object]:
    reader = Reader()

    def read(chunk: bytes) -> object:
        reader.feed(chunk)
        return reader.next(2 * SIZE)

    return read


def values() -> Callable[[bytes], object]:
    reader = JsonValues[bytes](lambda raw: raw, 2 * SIZE)

    def read(chunk: bytes) -> object:
        reader.feed(chunk)
        return reader.next()

    return read


@pytest.mark.parametrize(("make", "said"), [(lines, ARRAY), (values, JSON)])
@pytest.mark.parametrize("piece", [SIZE // 3, 2 * SIZE])
def test_nothing_is_kept_of_a_request_that_was_read(
    make: Callable[[], Callable[[bytes], Any]], said: bytes, piece: int
) -> None:
    readers = [make() for _ in range(CROWD)]
    tracemalloc.start()
    try:
        for read in readers:
            found = [read(said[at : at + piece]) for at in range(0, len(said), piece)]
            assert SIZE <= sum(map(len, found.pop())) <= len(said)
            assert read(b"") is None
        del found
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < SIZE
