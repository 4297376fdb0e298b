"""Gob from people who mean no good: a `GobError`, soon, and nothing large is held."""

import time
import tracemalloc

import pytest
from attrs import evolve

from frontends.dialects.gob import (
    INTERFACE,
    STRING,
    Bounds,
    Decoder,
    Encoder,
    GobError,
    Received,
    Schema,
    StructType,
)
from frontends.dialects.gob.wire import put_bytes, put_int, put_uint
from tests.frontends.dialects.gob_values import (
    BASICS,
    NOTHING,
    REQUEST,
    RESPONSE,
    TAKEN,
    TASK,
    TYPES,
)
from tests.support.fuzzing import mutations

SMALL = Bounds(value=4096, parts=500, depth=8, types=20, definitions=2048)
SAMPLES = (REQUEST + TASK, RESPONSE + TAKEN, REQUEST + TYPES, TASK + BASICS, NOTHING)


def read(wire: bytes, bounds: Bounds = SMALL) -> list[Received]:
    decoder, found = Decoder(bounds), list[Received]()
    decoder.feed(wire)
    while (one := decoder.next()) is not None:
        found.append(one)
    return found


def message(*parts: bytes) -> bytes:
    return put_bytes(b"".join(parts))


def read_well(wire: bytes) -> int:
    """How many values it gives before its end, or before it is no gob for good."""
    decoder, found = Decoder(SMALL), 0
    decoder.feed(wire)
    try:
        while decoder.next() is not None:
            found += 1
    except GobError:
        assert _is_over(decoder)
    return found


def _is_over(decoder: Decoder) -> bool:
    """Without `pytest.raises`, which takes as long as reading."""
    try:
        decoder.next()
    except GobError:
        return True
    return False


def test_a_million_inputs_raise_nothing_else() -> None:
    assert sum(map(read_well, mutations(SAMPLES, seed=7))) > 0


def test_the_fuzzing_inputs_are_all_right_before() -> None:
    for wire in SAMPLES:
        assert read(wire)


@pytest.mark.parametrize(
    "wire",
    [
        b"\x00",
        b"\xf7\1\1\1\1\1\1\1\1\1",
        b"\x80",
        message(put_int(99), b"\0"),
        message(put_int(99)),
        message(put_int(-65)),
        message(put_int(-2), b"\0"),
        message(put_int(-65), b"\0"),
        message(put_int(6), b"\1", put_bytes(b"x")),
        message(put_int(6), b"\0", put_bytes(b"x"), b"x"),
        message(put_int(6), b"\0", put_uint(5), b"x"),
        message(put_int(6), b"\0", put_uint(1 << 63), b"x"),
        message(put_int(2), b"\0"),
        message(put_int(9), b"\0\0"),
        message(put_int(8), b"\0", put_bytes(b"n" * 2000), put_int(2), b"\2\0\2"),
        message(put_int(8), b"\0", put_bytes(b"n"), put_int(70), b"\1\0"),
        REQUEST + REQUEST,
        TASK.replace(b"\x01\x04\x01\x02Id", b"\x01\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02Id"),
        put_uint(4097),
        put_uint((1 << 64) - 1),
    ],
)
def test_what_is_no_gob(wire: bytes) -> None:
    with pytest.raises(GobError):
        read(wire)


def slices(depth: int) -> bytes:
    """`type T []T`, and a value of it that is so deep."""
    defined = message(put_int(-65), b"\2\1\2", put_int(65), b"\0\1", put_int(65), b"\0\0")
    return defined + message(put_int(65), b"\0", b"\1" * depth, b"\0")


def test_depth_is_bounded() -> None:
    assert read(slices(5))[0].value == [[[[[[]]]]]]
    for depth in (20, 4000):
        with pytest.raises(GobError, match="deep"):
            read(slices(depth))


def test_a_count_reserves_nothing() -> None:
    defined = message(put_int(-65), b"\2\1\2", put_int(65), b"\0\1", put_int(65), b"\0\0")
    for count in (501, 1 << 31, (1 << 64) - 1):
        with pytest.raises(GobError, match="parts"):
            read(defined + message(put_int(65), b"\0", put_uint(count)))


def test_a_large_length_holds_nothing() -> None:
    tracemalloc.start()
    for _ in range(100):
        decoder = Decoder()
        decoder.feed(put_uint(1 << 40) + b"x")
        with pytest.raises(GobError):
            decoder.next()
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_definitions_are_bounded_in_number_and_size() -> None:
    def definition(number: int, name: bytes) -> bytes:
        return message(
            put_int(-number), b"\2\1\1", put_bytes(name), b"\1", put_int(number), b"\0\1\4\0\0"
        )

    few = b"".join(definition(65 + n, b"t") for n in range(5))
    assert read(few) == []
    with pytest.raises(GobError, match="types"):
        read(b"".join(definition(65 + n, b"t") for n in range(30)))
    with pytest.raises(GobError, match="definitions"):
        read(b"".join(definition(65 + n, b"t" * 900) for n in range(5)))


def test_a_value_that_goes_on_and_on_costs_no_more_each_time() -> None:
    """Each new definition has the value read anew; the bound of work is one for all tries."""
    head = put_int(8) + b"\0"
    parts = []
    for n in range(6):
        body = put_int(-(65 + n)) + b"\2\1\2" + put_int(65 + n) + b"\0\1\4\0\0"
        parts.append(message((head + put_bytes(b"n") if not n else b""), body))
    parts.append(message(put_int(65), b"\2\0\0"))
    decoder = Decoder(SMALL)
    for part in parts[:-1]:
        decoder.feed(part)
        assert decoder.next() is None
    decoder.feed(parts[-1])
    found = decoder.next()
    assert found is not None
    assert found.value.value == []
    with pytest.raises(GobError):
        read(b"".join(parts), evolve(SMALL, parts=60))


def test_a_large_value_is_not_read_again_for_every_definition_behind_it() -> None:
    """Its bytes count as work, too, each time."""
    kind = Schema((StructType("S", (("A", STRING), ("B", INTERFACE))),))
    wire = Encoder().encode(kind, {})  # its definition, and a value
    head = put_int(65) + b"\1" + put_bytes(b"x" * 1_000_000) + b"\1" + put_bytes(b"n")
    for n in range(100):
        body = put_int(-(66 + n)) + b"\2\1\2" + put_int(66 + n) + b"\0\1\4\0\0"
        wire += message(head if not n else b"", body)
    with pytest.raises(GobError, match="parts"):
        read(wire, Bounds())


def test_the_largest_value_is_read_in_no_time() -> None:
    bounds = Bounds()
    defined = message(put_int(-65), b"\2\1\2", put_int(65), b"\0\1\4\0\0")
    wire = defined + message(put_int(65), b"\0", put_uint(90_000), b"\2" * 90_000)
    began = time.perf_counter()
    assert len(read(wire, bounds)[0].value) == 90_000
    assert time.perf_counter() - began < 5
