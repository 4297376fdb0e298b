"""qmanager's tasks as jobs: inputs and outputs of any Go type, kept so that they come back as it.

A string is kept as it is, without a content type: what other doors publish is a string here. An
int, a float, a bool or bytes are kept as JSON, and their type as content type. Anything else is
kept as a gob stream of its own.
"""

import math
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from typing import Any, Final

import msgspec
from attrs import frozen

from frontends.dialects.gob import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    Bounds,
    Decoder,
    Encoder,
    GobError,
    Named,
    Schema,
    StructType,
)
from frontends.dialects.gob.types import FIRST

METHODS: Final = ("AddTask", "FinishTask", "GetTask", "RetryTask", "TakeTask", "TakeTaskByType")
PREFIX: Final = "RpcHandler."
TASK_NAME: Final = "github.com/mitjaziv/qmanager/internal/structures.Task"
ID_NAME: Final = "github.com/mitjaziv/qmanager/internal/uuid.UUID"
TASK: Final = Schema(
    (
        StructType(
            "Task", (("Id", STRING), ("Type", STRING), ("Input", INTERFACE), ("Output", INTERFACE))
        ),
    ),
    FIRST,
)
NO_TASK: Final = "missing task in queue"
NO_TYPE: Final = "missing task type"
NO_INPUT: Final = "missing input parameters"
TOO_MUCH: Final = "go/gob"
"""The content type of what has no other."""


@frozen
class Kept:
    """An input or output as a job holds it."""

    content: bytes
    type: str = ""


@frozen
class _Plain:
    """A Go type that JSON has."""

    name: str
    kind: int
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _whole(value: Any) -> int:
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value):
        raise ValueError
    return float(value)


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _uncoded(value: Any) -> bytes:
    if not isinstance(value, str) or not value.isascii():
        raise ValueError
    return a2b_base64(value, strict_mode=True)


_PLAIN: Final = {
    f"go/{one.name}": one
    for one in (
        _Plain("int", INT, _whole, _whole),
        _Plain("float64", FLOAT, _number, _number),
        _Plain("bool", BOOL, _truth, _truth),
        _Plain("[]uint8", BYTES, lambda raw: b64encode(raw).decode(), _uncoded),
    )
}
_STRING: Final = Schema.basic(STRING)
_ANY: Final = Schema.basic(INTERFACE)


def string(text: str) -> Named:
    """A Go string, as an interface holds it."""
    return Named("string", _STRING, text)


def kept(value: Named) -> Kept:
    """How a value is kept.

    Raises:
        GobError: it cannot be.
    """
    if value.name == "string" and value.schema == _STRING:
        return Kept(value.value.encode("utf-8", "surrogateescape"))
    plain = _PLAIN.get(f"go/{value.name}")
    if plain is not None and value.schema.root == plain.kind:
        try:
            return Kept(msgspec.json.encode(plain.write(value.value)), f"go/{plain.name}")
        except ValueError:
            pass  # a float that is no number
    return Kept(Encoder().encode(_ANY, value), TOO_MUCH)


def given_back(found: Kept) -> Named:
    """The value again; what does not hold what its type says is the string that it is."""
    plain = _PLAIN.get(found.type)
    if plain is not None:
        try:
            value = plain.read(msgspec.json.decode(found.content))
        except (ValueError, Base64Error, RecursionError):
            return _as_it_is(found)
        return Named(plain.name, Schema.basic(plain.kind), value)
    if found.type == TOO_MUCH:
        decoder = Decoder(Bounds(value=len(found.content) + 1))
        decoder.feed(found.content)
        try:
            received = decoder.next()
        except GobError:
            return _as_it_is(found)
        if received is not None and isinstance(received.value, Named):
            return received.value
    return _as_it_is(found)


def _as_it_is(found: Kept) -> Named:
    return string(found.content.decode("utf-8", "surrogateescape"))


@frozen
class Task:
    """One task, as RPC shows it."""

    id: str
    type: str
    input: Kept | None
    output: Kept | None = None

    def gob(self) -> Named:
        """As an interface holds it."""
        fields: dict[str, Any] = {"Id": self.id, "Type": self.type}
        if self.input is not None:
            fields["Input"] = given_back(self.input)
        if self.output is not None:
            fields["Output"] = given_back(self.output)
        return Named(TASK_NAME, TASK, fields)


def identity(job: str) -> Named:
    """A task's id, as an interface holds it."""
    return Named(ID_NAME, _STRING, job)
