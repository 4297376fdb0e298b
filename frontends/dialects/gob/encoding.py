"""Values to bytes of a gob stream.

Types are defined as they first come: those of what the outermost interface holds inside of it, as
Go does; those deeper inside before the value, which Go reads all the same.
"""

from collections.abc import Callable
from typing import Any, Final

from frontends.dialects.gob.definitions import said
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
    renumbered,
)
from frontends.dialects.gob.wire import (
    GobError,
    put_bool,
    put_bytes,
    put_complex,
    put_float,
    put_int,
    put_text,
    put_uint,
)

_MOST: Final = 1000
"""Types in one stream."""
_DEEPEST: Final = 64
_MISFIT: Final = "a value is none of its type"
_BASIC: Final[dict[int, tuple[type, Callable[[Any], bytes]]]] = {
    BOOL: (bool, put_bool),
    INT: (int, put_int),
    UINT: (int, put_uint),
    FLOAT: (float, put_float),
    BYTES: (bytes, put_bytes),
    STRING: (str, put_text),
    COMPLEX: (complex, put_complex),
}


class Encoder:
    """One direction of one connection."""

    def __init__(self) -> None:
        """Begin a stream."""
        self._ids: dict[Schema, int] = {}
        """Schema -> the id of its root in this stream."""
        self._kinds: dict[int, WireType] = dict(BOOT)
        self._last = FIRST
        """The id given last."""

    def encode(self, schema: Schema, value: Any) -> bytes:
        """A value as messages, with the definitions it needs.

        Raises:
            GobError: the value is none of that type, or the stream has too many types.
        """
        out: list[bytes] = []
        if schema.root == INTERFACE and isinstance(value, Named):
            self._prepare(value.value, out, 0)
            head = put_int(INTERFACE) + b"\0" + put_text(value.name)
            kind, definitions = self._introduce(value.schema)
            for each in definitions:  # the first ends the message that the name began
                out.append(put_bytes(head + each))
                head = b""
            out.append(put_bytes(head + self._held(kind, value.value, 0)))
        else:
            self._prepare(value, out, 0)
            kind, definitions = self._introduce(schema)
            out += map(put_bytes, definitions)
            out.append(put_bytes(put_int(kind) + self._whole(kind, value, 0)))
        return b"".join(out)

    @property
    def mark(self) -> int:
        """Where the stream stands, for `back_to`."""
        return self._last

    def back_to(self, mark: int) -> None:
        """Forget the types that were defined since, in messages that are not sent."""
        self._ids = {schema: own for schema, own in self._ids.items() if own <= mark}
        self._last = mark

    def _prepare(self, value: Any, out: list[bytes], depth: int) -> None:
        """Define the types of every interface inside a value."""
        if depth > _DEEPEST:
            raise GobError("a value is nested too deeply")
        match value:
            case Named(_, schema, held):
                out += map(put_bytes, self._introduce(schema)[1])
                self._prepare(held, out, depth + 1)
            case dict():
                for part in value.values():
                    self._prepare(part, out, depth + 1)
            case list():
                for part in value:
                    self._prepare(part, out, depth + 1)
            case Map(pairs):
                for key, part in pairs:
                    self._prepare(key, out, depth + 1)
                    self._prepare(part, out, depth + 1)
            case _:
                pass

    def _introduce(self, schema: Schema) -> tuple[int, list[bytes]]:
        """The id of a type in this stream, and the definitions that have to be sent for it."""
        if not schema.types:
            return schema.root, []
        known = self._ids.get(schema)
        if known is not None:
            return known, []
        if self._last - FIRST + len(schema.types) > _MOST:
            raise GobError("too many types")
        first = self._last + 1
        ids = {FIRST + n: first + n for n in range(len(schema.types))}
        definitions: list[bytes] = []
        for number, kind in zip(ids.values(), schema.types, strict=True):
            here = self._kinds[number] = renumbered(kind, ids)
            body = self._value(WIRE_TYPE, said(here, number), 0)
            definitions.append(put_int(-number) + body)
        self._last += len(ids)
        root = self._ids[schema] = ids[schema.root]
        return root, definitions

    def _whole(self, kind: int, value: Any, depth: int) -> bytes:
        """A value that stands by itself: what is no struct has a zero before it."""
        single = b"" if isinstance(self._kinds.get(kind), StructType) else b"\0"
        return single + self._value(kind, value, depth)

    def _held(self, kind: int, value: Any, depth: int) -> bytes:
        """What an interface holds, behind its name: the type, the length, the value."""
        return put_int(kind) + put_bytes(self._whole(kind, value, depth))

    def _value(self, kind: int, value: Any, depth: int) -> bytes:
        if depth > _DEEPEST:
            raise GobError("a value is nested too deeply")
        basic = _BASIC.get(kind)
        if basic is not None:
            of, put = basic
            if not isinstance(value, of):
                raise GobError(_MISFIT)
            return put(value)
        if kind != INTERFACE:
            return self._compound(self._kinds.get(kind), value, depth + 1)
        if value is None:
            return b"\0"
        if not isinstance(value, Named):
            raise GobError(_MISFIT)
        inside, definitions = self._introduce(value.schema)
        assert not definitions
        return put_text(value.name) + self._held(inside, value.value, depth + 1)

    def _compound(self, kind: WireType | None, value: Any, depth: int) -> bytes:
        match kind, value:
            case (StructType(_, fields), dict()):
                return self._struct(fields, value, depth)
            case (SliceType(_, elem), list()):
                return self._elements(elem, value, depth)
            case (ArrayType(_, elem, length), list()) if len(value) == length:
                return self._elements(elem, value, depth)
            case (MapType(_, key, elem), Map(pairs)):
                parts = [put_uint(len(pairs))]
                for one, other in pairs:
                    parts += (self._value(key, one, depth), self._value(elem, other, depth))
                return b"".join(parts)
            case (OpaqueType(), bytes()):
                return put_bytes(value)
            case _:
                raise GobError(_MISFIT)

    def _struct(
        self, fields: tuple[tuple[str, int], ...], value: dict[str, Any], depth: int
    ) -> bytes:
        parts: list[bytes] = []
        last = -1
        for at, (name, kind) in enumerate(fields):
            part = value.get(name)
            if not part and not isinstance(part, dict):  # what is zero is left out
                continue
            parts += (put_uint(at - last), self._value(kind, part, depth))
            last = at
        return b"".join((*parts, b"\0"))

    def _elements(self, elem: int, values: list[Any], depth: int) -> bytes:
        return put_uint(len(values)) + b"".join(self._value(elem, v, depth) for v in values)
