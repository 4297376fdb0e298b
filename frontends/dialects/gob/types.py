"""Types as gob describes them, and the values that Python has no word for.

A value of a struct is a dict with the fields that were sent: gob leaves out what is zero. Strings
are decoded with `surrogateescape`, so that any bytes come back as they were.
"""

from typing import Any, Final

from attrs import frozen

BOOL: Final = 1
INT: Final = 2
UINT: Final = 3
FLOAT: Final = 4
BYTES: Final = 5
STRING: Final = 6
COMPLEX: Final = 7
INTERFACE: Final = 8
BASIC: Final = range(BOOL, INTERFACE + 1)
"""Types that need no definition."""
FIRST: Final = 64
"""The first id that a sender may give."""
WIRE_TYPE: Final = 16
"""The type of definitions."""


@frozen
class SliceType:
    """Any number of elements."""

    name: str
    elem: int


@frozen
class ArrayType:
    """So many elements."""

    name: str
    elem: int
    length: int


@frozen
class MapType:
    """Pairs."""

    name: str
    key: int
    elem: int


@frozen
class StructType:
    """Named fields with their types."""

    name: str
    fields: tuple[tuple[str, int], ...]


@frozen
class OpaqueType:
    """Bytes that only the type itself understands, such as a time."""

    name: str
    kind: str
    """Which of the three ways to marshal it is: the field of a definition."""


WireType = SliceType | ArrayType | MapType | StructType | OpaqueType
_COMMON: Final = 18
_FIELDS: Final = 22
_OPAQUE: Final = 24
OPAQUE: Final = ("GobEncoderT", "BinaryMarshalerT", "TextMarshalerT")

BOOT: Final[dict[int, WireType]] = {
    WIRE_TYPE: StructType(
        "wireType",
        (
            ("ArrayT", 17),
            ("SliceT", 19),
            ("StructT", 20),
            ("MapT", 23),
            *((kind, _OPAQUE) for kind in OPAQUE),
        ),
    ),
    17: StructType("ArrayType", (("CommonType", _COMMON), ("Elem", INT), ("Len", INT))),
    _COMMON: StructType("CommonType", (("Name", STRING), ("Id", INT))),
    19: StructType("SliceType", (("CommonType", _COMMON), ("Elem", INT))),
    20: StructType("StructType", (("CommonType", _COMMON), ("Field", _FIELDS))),
    21: StructType("FieldType", (("Name", STRING), ("Id", INT))),
    _FIELDS: SliceType("[]fieldType", 21),
    23: StructType("MapType", (("CommonType", _COMMON), ("Key", INT), ("Elem", INT))),
    _OPAQUE: StructType("gobEncoderType", (("CommonType", _COMMON),)),
}
"""What every stream knows from the start: how definitions themselves are written."""


@frozen
class Schema:
    """A type with all that it is made of, apart from any stream.

    `types[i]` has the id `FIRST + i` here, the root is first; without types it is a basic one.
    """

    types: tuple[WireType, ...]
    root: int = FIRST

    @classmethod
    def basic(cls, kind: int) -> "Schema":
        """A type that needs no definition."""
        return cls((), kind)


@frozen
class Named:
    """What an interface holds: the name its type was registered under, the type, the value."""

    name: str
    schema: Schema
    value: Any


@frozen
class Map:
    """The pairs of a map, in the order they came: a key may be what no dict takes."""

    pairs: tuple[tuple[Any, Any], ...]


def elements(kind: WireType) -> tuple[int, ...]:
    """Ids of the types it is made of."""
    match kind:
        case SliceType(_, elem) | ArrayType(_, elem, _):
            return (elem,)
        case MapType(_, key, elem):
            return (key, elem)
        case StructType(_, fields):
            return tuple(each for _, each in fields)
        case OpaqueType():
            return ()


def renumbered(kind: WireType, ids: dict[int, int]) -> WireType:
    """The same type, its parts under other ids; those that `ids` lacks stay."""
    match kind:
        case SliceType(name, elem):
            return SliceType(name, ids.get(elem, elem))
        case ArrayType(name, elem, length):
            return ArrayType(name, ids.get(elem, elem), length)
        case MapType(name, key, elem):
            return MapType(name, ids.get(key, key), ids.get(elem, elem))
        case StructType(name, fields):
            return StructType(name, tuple((one, ids.get(each, each)) for one, each in fields))
        case OpaqueType():
            return kind
