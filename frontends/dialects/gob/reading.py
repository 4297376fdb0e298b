"""One try to read a value out of the messages that are there."""

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen

from frontends.dialects.gob.definitions import definition, schema
from frontends.dialects.gob.types import (
    BOOL,
    BOOT,
    BYTES,
    COMPLEX,
    FIRST,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    WIRE_TYPE,
    ArrayType,
    Map,
    MapType,
    Named,
    OpaqueType,
    Schema,
    SliceType,
    StructType,
    WireType,
)
from frontends.dialects.gob.wire import Cursor, GobError

_NAME_MAX: Final = 1024
_BASIC: Final[dict[int, Callable[[Cursor], Any]]] = {
    BOOL: Cursor.bool,
    INT: Cursor.int,
    UINT: Cursor.uint,
    FLOAT: Cursor.float,
    BYTES: Cursor.bytes,
    STRING: Cursor.text,
    COMPLEX: Cursor.complex,
}


@frozen
class Bounds:
    """What one stream may make us hold and do."""

    value: int = (1 << 20) + (1 << 16)
    """Bytes of one value with the definitions inside it."""
    parts: int = 100_000
    """Elements, fields and pairs of one value, over all tries to read it."""
    depth: int = 32
    """Values inside values."""
    types: int = 1000
    """Definitions in one stream."""
    definitions: int = 1 << 18
    """Bytes of all messages of one stream that hold definitions."""


@frozen
class Received:
    """A value and its type; `kind` is None when that is a basic one."""

    id: int
    kind: WireType | None
    value: Any


@define
class Known:
    """What one stream has defined so far."""

    types: dict[int, WireType] = field(factory=lambda: dict(BOOT))
    schemas: dict[int, Schema] = field(factory=dict[int, Schema])
    """Of types that an interface held."""
    size: int = 0
    """Bytes of messages with definitions."""

    def learn(self, types: dict[int, WireType], size: int, bounds: "Bounds") -> None:
        """Take in definitions that came in messages of `size` bytes.

        Raises:
            GobError: together they are too many.
        """
        self.size += size
        if self.size > bounds.definitions:
            raise GobError("the definitions of types are too large")
        self.types.update(types)


class Unfinished(Exception):
    """The value goes on in a message that is not there yet."""


class Reading:
    """One try. What it learns is added to what is known only when it succeeds."""

    def __init__(self, frames: list[bytes], known: Known, bounds: Bounds, parts: int) -> None:
        """Read from these messages, with `parts` spent on the value before."""
        self._cursor = Cursor(frames)
        self._known = known
        self._bounds = bounds
        self.parts = parts
        self.types: dict[int, WireType] = {}
        self.schemas: dict[int, Schema] = {}

    def message(self) -> Received | None:
        """The value, or None: there was a definition.

        Raises:
            Unfinished: another message is needed.
            GobError: no value can be read here.
        """
        cursor = self._cursor
        found = cursor.int()
        if found < 0:
            self._define(-found)
            self._must_end()
            return None
        value = self._whole(found, 0)
        self._must_end()
        return Received(found, self._find(found), value)

    def _must_end(self) -> None:
        if self._cursor.left:
            raise GobError("there is something behind a value")

    def _find(self, kind: int) -> WireType | None:
        return self.types.get(kind) or self._known.types.get(kind)

    def _define(self, number: int) -> None:
        known, bounds = self._known, self._bounds
        if number < FIRST or self._find(number) is not None:
            raise GobError("a type is defined twice")
        if len(known.types) - len(BOOT) + len(self.types) >= bounds.types:
            raise GobError("too many types")
        self.types[number] = definition(self._value(WIRE_TYPE, 0))

    def _whole(self, kind: int, depth: int) -> Any:
        """A value that stands by itself: what is no struct has a zero before it."""
        if not isinstance(self._find(kind), StructType) and self._cursor.uint() != 0:
            raise GobError("a value does not begin as it must")
        return self._value(kind, depth)

    def _value(self, kind: int, depth: int) -> Any:
        self.parts += 1
        if self.parts > self._bounds.parts:
            raise GobError("a value has too many parts")
        if depth > self._bounds.depth:
            raise GobError("a value is nested too deeply")
        read = _BASIC.get(kind)
        if read is not None:
            return read(self._cursor)
        if kind == INTERFACE:
            return self._interface(depth + 1)
        return self._compound(self._find(kind), depth + 1)

    def _compound(self, kind: WireType | None, depth: int) -> Any:
        match kind:
            case StructType(_, fields):
                return self._struct(fields, depth)
            case SliceType(_, elem):
                return self._elements(elem, self._cursor.uint(), depth)
            case ArrayType(_, elem, length):
                if self._cursor.uint() != length:
                    raise GobError("an array has another length than its type")
                return self._elements(elem, length, depth)
            case MapType(_, key, elem):
                return self._map(key, elem, depth)
            case OpaqueType():
                return self._cursor.bytes()
            case None:
                raise GobError("a type was never defined")

    def _struct(self, fields: tuple[tuple[str, int], ...], depth: int) -> dict[str, Any]:
        cursor = self._cursor
        found: dict[str, Any] = {}
        at = -1
        while delta := cursor.uint():
            at += delta
            if at >= len(fields):
                raise GobError("a struct has no such field")
            name, kind = fields[at]
            found[name] = self._value(kind, depth)
        return found

    def _elements(self, elem: int, count: int, depth: int) -> list[Any]:
        self._allow(count)
        return [self._value(elem, depth) for _ in range(count)]

    def _map(self, key: int, elem: int, depth: int) -> Map:
        count = self._cursor.uint()
        self._allow(count)
        return Map(tuple((self._value(key, depth), self._value(elem, depth)) for _ in range(count)))

    def _allow(self, count: int) -> None:
        if count > self._bounds.parts:
            raise GobError("a value has too many parts")

    def _interface(self, depth: int) -> Named | None:
        cursor = self._cursor
        name = cursor.bytes()
        if not name:
            return None
        if len(name) > _NAME_MAX:
            raise GobError("the name of a type is too long")
        kind = self._defined()
        cursor.uint()  # how long the value is: Go does not look at it either
        value = self._whole(kind, depth)
        return Named(name.decode("utf-8", "surrogateescape"), self._schema(kind), value)

    def _defined(self) -> int:
        """The type of what an interface holds, behind any definitions."""
        cursor = self._cursor
        while (found := cursor.int()) < 0:
            self._define(-found)
            if cursor.left:
                cursor.uint()  # inside another interface the rest has its length before it
            elif not cursor.next_frame():
                raise Unfinished
        return found

    def _schema(self, kind: int) -> Schema:
        found = self.schemas.get(kind) or self._known.schemas.get(kind)
        if found is None:
            found = self.schemas[kind] = schema(kind, self._find)
        return found
