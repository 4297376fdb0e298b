"""A Go program on the other side, without a socket: calls as its codec writes them."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

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
    Named,
    Schema,
    SliceType,
    StructType,
)
from frontends.dialects.qmanager import ID_NAME, PREFIX, TASK, TASK_NAME, string

REQUEST = Schema((StructType("Request", (("ServiceMethod", STRING), ("Seq", UINT))),))
EMPTY = Schema((StructType("", ()),))
STRINGS = Schema((SliceType("", STRING),))
TEXT = Schema.basic(STRING)
WHOLE = Schema.basic(INT)
TYPES = {"int": INT, "int64": INT, "uint64": UINT, "float64": FLOAT, "bool": BOOL, "[]uint8": BYTES}


@frozen
class Answer:
    """What came back for one call."""

    seq: int
    method: str
    error: str
    value: Any


def interface(value: Any) -> Any:
    """`"x"` is a string, `{"int": 7}` an int; None is nil; any other type as it is."""
    if isinstance(value, Named):
        return value
    if value is None or isinstance(value, str):
        return None if value is None else string(value)
    ((name, held),) = value.items()
    if name == "[]uint8":
        held = bytes.fromhex(held)
    return Named(name, Schema.basic(TYPES[name]), held)


def plain(value: Any) -> Any:
    """The reverse; a task is the dict of its fields, an id is `{"id": …}`."""
    match value:
        case Named("string", _, held):
            return held
        case Named(name, _, held) if name == ID_NAME:
            return {"id": held}
        case Named(name, schema, fields) if name == TASK_NAME:
            assert schema == TASK
            return {key: plain(one) for key, one in fields.items()}
        case Named(name, _, held):
            return {name: held.hex() if isinstance(held, bytes) else held}
        case _:
            return value


class GobClient:
    """One connection of a Go program."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._encoder = Encoder()
        self._decoder = Decoder()
        self._seq = 0
        self._header: dict[str, Any] | None = None

    def call(self, method: str, argument: Any) -> int:
        """Send a call; the number its answer has."""
        seq, self._seq = self._seq, self._seq + 1
        if "." not in method:
            method = PREFIX + method
        header = {"ServiceMethod": method, "Seq": seq}
        schema, value = self._argument(argument)
        self._send(self._encoder.encode(REQUEST, header) + self._encoder.encode(schema, value))
        return seq

    def _argument(self, value: Any) -> tuple[Schema, Any]:
        match value:
            case str():
                return TEXT, value
            case int():
                return WHOLE, value
            case list():
                return STRINGS, value
            case {}:
                fields = {
                    key: interface(one) if key in {"Input", "Output"} else one
                    for key, one in value.items()
                }
                return (TASK, fields) if fields else (EMPTY, fields)
            case _:
                raise AssertionError(value)

    def hear(self, data: bytes) -> list[Answer]:
        """Answers that came."""
        self._decoder.feed(data)
        found: list[Answer] = []
        while (one := self._decoder.next()) is not None:
            header = self._header
            if header is None:
                self._header = one.value
                continue
            self._header = None
            if header.get("Error"):
                assert not one.value
            else:
                assert one.id == INTERFACE
            found.append(
                Answer(
                    header.get("Seq", 0),
                    header["ServiceMethod"].removeprefix(PREFIX),
                    header.get("Error", ""),
                    None if header.get("Error") else plain(one.value),
                )
            )
        return found
