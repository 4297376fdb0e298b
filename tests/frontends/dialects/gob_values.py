"""Any type that gob can describe, with values of it; and what Go itself has sent."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from frontends.dialects.gob.types import (
    BOOL,
    BYTES,
    COMPLEX,
    FIRST,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
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

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
FLOATS = st.floats(allow_nan=False).map(lambda value: value or 0.0)
BASIC: dict[int, SearchStrategy[Any]] = {
    BOOL: st.booleans(),
    INT: st.integers(-(1 << 63), (1 << 63) - 1),
    UINT: st.integers(0, (1 << 64) - 1),
    FLOAT: FLOATS,
    BYTES: st.binary(max_size=20),
    STRING: st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
        st.binary(max_size=10).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    ),
    COMPLEX: st.builds(complex, FLOATS, FLOATS),
}


@st.composite
def typed(draw: DrawFn, depth: int = 3) -> tuple[Schema, Any]:
    """A type and a value of it; zeros that gob leaves out of structs are left out."""
    kinds: list[WireType] = []
    root = draw(kind_of(kinds, depth))
    schema = Schema(tuple(kinds), root) if root >= FIRST else Schema.basic(root)
    return schema, draw(value_of(root, kinds, depth))


@st.composite
def kind_of(draw: DrawFn, kinds: list[WireType], depth: int) -> int:
    """Ids in the order in which a schema numbers its parts."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*BASIC, INTERFACE]))
    number = FIRST + len(kinds)
    kinds.append(OpaqueType("", "GobEncoderT"))  # its place
    name = draw(NAMES)
    make: WireType
    match draw(st.integers(0, 4)):
        case 0:
            make = SliceType(name, draw(leaf(kinds)))
        case 1:
            make = ArrayType(name, draw(leaf(kinds)), draw(st.integers(0, 4)))
        case 2:
            make = MapType(name, draw(leaf(kinds)), draw(leaf(kinds)))
        case 3:
            fields = draw(st.lists(NAMES, max_size=4, unique=True))
            make = StructType(name, tuple((one, draw(leaf(kinds))) for one in fields))
        case _:
            make = OpaqueType(name, "BinaryMarshalerT")
    kinds[number - FIRST] = make
    return number


@st.composite
def leaf(draw: DrawFn, kinds: list[WireType]) -> int:
    """A basic type, the type that is being made again, or a small one of its own."""
    if draw(st.integers(0, 3)) or len(kinds) > 4:
        return draw(st.sampled_from([*BASIC, INTERFACE]))
    return draw(kind_of(kinds, 1))


@st.composite
def value_of(draw: DrawFn, kind: int, kinds: list[WireType], depth: int) -> Any:
    if kind in BASIC:
        return draw(BASIC[kind])
    if kind == INTERFACE:
        if depth == 0 or draw(st.booleans()):
            return None
        schema, value = draw(typed(depth - 1))
        return Named(draw(NAMES.filter(bool)), schema, value)
    match kinds[kind - FIRST]:
        case SliceType(_, elem):
            count = draw(st.integers(0, 3))
            return [draw(value_of(elem, kinds, depth)) for _ in range(count)]
        case ArrayType(_, elem, length):
            return [draw(value_of(elem, kinds, depth)) for _ in range(length)]
        case MapType(_, key, elem):
            count = draw(st.integers(0, 3))
            return Map(
                tuple(
                    (draw(value_of(key, kinds, depth)), draw(value_of(elem, kinds, depth)))
                    for _ in range(count)
                )
            )
        case StructType(_, fields):
            found = {name: draw(value_of(one, kinds, depth)) for name, one in fields}
            return {n: v for n, v in found.items() if v or isinstance(v, dict | Map)}
        case OpaqueType():
            return draw(st.binary(max_size=10))


REQUEST = bytes.fromhex(
    "2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c0001035365710106"
    "00000017ff82011252706348616e646c65722e4164645461736b00"
)
TASK = bytes.fromhex(
    "37ff83030101045461736b01ff8400010401024964010c00010454797065010c000105496e70757401100001064f"
    "757470757401100000001cff8402096669626f6e616363690106737472696e670c040002313500"
)
RESPONSE = bytes.fromhex(
    "3aff8103010108526573706f6e736501ff82000103010d536572766963654d6574686f64010c00010353657101"
    "060001054572726f72010c0000001eff82011952706348616e646c65722e54616b655461736b42795479706500"
)
TAKEN = bytes.fromhex(
    "6f1000356769746875622e636f6d2f6d69746a617a69762f716d616e616765722f696e7465726e616c2f737472"
    "756374757265732e5461736bff85030101045461736b01ff8600010401024964010c00010454797065010c0001"
    "05496e70757401100001064f7574707574011000000043ff8640012435626134656366362d316261622d343531"
    "372d616562632d36633735396332386162666501096669626f6e616363690106737472696e670c040002313500"
)
TYPES = bytes.fromhex(
    "0cff83020102ff8400010c000019ff840002096669626f6e616363690a61726974686d65746963"
)
NOTHING = bytes.fromhex("03100000")
BASICS = bytes.fromhex(
    "17ff8402096669626f6e616363690103696e740402001e0019ff84020577656972640107666c6f617436340804"
    "00fe04400014ff84020577656972640104626f6f6c02020001001aff840205776569726401075b5d75696e7438"
    "0a0500030102ff0015ff84020577656972640105696e74363404020009001cff84020577656972640106756"
    "96e743634060800fa01000000000000"
)
