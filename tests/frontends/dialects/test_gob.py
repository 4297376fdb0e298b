"""Gob: what Go sends is read, what is written reads the same, and cuts change nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.gob import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    Decoder,
    Encoder,
    GobError,
    Named,
    Received,
    Schema,
    StructType,
)
from frontends.dialects.gob.definitions import schema
from frontends.dialects.gob.types import BOOT, WireType
from tests.frontends.dialects.gob_values import (
    BASICS,
    NOTHING,
    REQUEST,
    RESPONSE,
    TAKEN,
    TASK,
    TYPES,
    typed,
)


def decode(*chunks: bytes) -> list[Received]:
    decoder, found = Decoder(), list[Received]()
    for chunk in chunks:
        decoder.feed(chunk)
        while (one := decoder.next()) is not None:
            found.append(one)
    assert decoder.idle
    return found


def values(*chunks: bytes) -> list[Any]:
    return [one.value for one in decode(*chunks)]


def basic(name: str, kind: int, value: object) -> Named:
    return Named(name, Schema.basic(kind), value)


def test_what_go_sends() -> None:
    assert values(REQUEST, TASK) == [
        {"ServiceMethod": "RpcHandler.AddTask"},
        {"Type": "fibonacci", "Input": basic("string", STRING, "15")},
    ]
    assert values(TYPES) == [["fibonacci", "arithmetic"]]
    assert values(NOTHING) == [None]
    assert [one["Input"] for one in values(TASK, BASICS)[1:]] == [
        basic("int", INT, 15),
        basic("float64", FLOAT, 2.5),
        basic("bool", BOOL, True),
        basic("[]uint8", BYTES, b"\x01\x02\xff"),
        basic("int64", INT, -5),
        basic("uint64", UINT, 1 << 40),
    ]


def test_a_definition_inside_an_interface_ends_its_message() -> None:
    answer, taken = values(RESPONSE, TAKEN)
    assert answer == {"ServiceMethod": "RpcHandler.TakeTaskByType"}
    assert taken.name == "github.com/mitjaziv/qmanager/internal/structures.Task"
    assert taken.schema.types == (
        StructType("Task", (("Id", STRING), ("Type", STRING), ("Input", 8), ("Output", 8))),
    )
    assert taken.value == {
        "Id": "5ba4ecf6-1bab-4517-aebc-6c759c28abfe",
        "Type": "fibonacci",
        "Input": basic("string", STRING, "15"),
    }


def test_what_is_written_is_what_go_writes() -> None:
    taken = values(RESPONSE, TAKEN)[1]
    encoder = Encoder()
    wire = encoder.encode(Schema.basic(INTERFACE), taken)
    assert wire == TAKEN.replace(b"\xff\x85", b"\xff\x81").replace(b"\xff\x86", b"\xff\x82")
    again = encoder.encode(Schema.basic(INTERFACE), taken)
    assert b"Type" not in again
    assert values(wire, again) == [taken, taken]
    assert Encoder().encode(Schema.basic(INTERFACE), None) == NOTHING


def test_an_interface_inside_an_interface() -> None:
    """Its type is defined before the value, which reads the same."""
    inner = Named("main.Point", Schema((StructType("Point", (("X", INT), ("Y", INT))),)), {"X": 7})
    outer = Named("main.Box", Schema((StructType("Box", (("In", INTERFACE),)),)), {"In": inner})
    wire = Encoder().encode(Schema.basic(INTERFACE), outer)
    assert values(wire) == [outer]
    assert values(*[wire[n : n + 1] for n in range(len(wire))]) == [outer]


def test_a_type_that_contains_itself() -> None:
    node = Schema((StructType("Node", (("Next", 64), ("N", INT))),))
    value = {"N": 1, "Next": {"N": 2, "Next": {"N": 3}}}
    assert values(Encoder().encode(node, value)) == [value]


@given(typed(), st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_round_trip_however_it_is_cut(case: tuple[Schema, Any], cuts: list[int]) -> None:
    kind, value = case
    encoder = Encoder()
    wire = encoder.encode(kind, value) + encoder.encode(kind, value)
    chunks, at, turn = list[bytes](), 0, 0
    while at < len(wire):
        size = cuts[turn % len(cuts)]
        chunks.append(wire[at : at + size])
        at, turn = at + size, turn + 1
    assert values(wire) == [value, value]
    assert values(*chunks) == [value, value]


@given(typed())
def test_a_value_encodes_again_as_the_type_it_came_with(case: tuple[Schema, Any]) -> None:
    held = Named("x", *case)
    (first,) = values(Encoder().encode(Schema.basic(INTERFACE), held))
    (second,) = values(Encoder().encode(Schema.basic(INTERFACE), first))
    assert second == first
    assert second.value == held.value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (INT, 1 << 63), (INT, -(1 << 63) - 1), (UINT, 1 << 64), (UINT, -1), (INT, "1"),
        (STRING, b"x"), (STRING, "\ud800"), (BYTES, "x"), (FLOAT, 1), (BOOL, 1),
        (INTERFACE, "x"), (INTERFACE, 7), (12, 7), (99, {}),
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_its_type(kind: int, value: object) -> None:
    with pytest.raises(GobError):
        Encoder().encode(Schema.basic(kind), value)


def test_values_that_are_nested_too_deeply() -> None:
    node = Schema((StructType("Node", (("Next", 64),)),))
    value: dict[str, Any] = {}
    for _ in range(5000):
        value = {"Next": value}
    with pytest.raises(GobError, match="deep"):
        Encoder().encode(node, value)


def test_schemas_are_alike_whatever_ids_a_stream_gives() -> None:
    def find(ids: dict[int, WireType]) -> Schema:
        return schema(min(ids), (BOOT | ids).get)

    one = find({65: StructType("A", (("B", 66),)), 66: StructType("B", ())})
    other = find({70: StructType("A", (("B", 99),)), 99: StructType("B", ())})
    assert one == other
    with pytest.raises(GobError):
        find({65: StructType("A", (("B", 66),))})
