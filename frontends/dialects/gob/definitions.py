"""Definitions of types: out of a stream, into one, and apart from any."""

from collections.abc import Callable
from typing import Any

from frontends.dialects.gob.types import (
    BASIC,
    FIRST,
    OPAQUE,
    ArrayType,
    MapType,
    OpaqueType,
    Schema,
    SliceType,
    StructType,
    WireType,
    elements,
    renumbered,
)
from frontends.dialects.gob.wire import GobError


def definition(said: dict[str, Any]) -> WireType:
    """What a decoded `wireType` defines.

    Raises:
        GobError: it defines nothing, or more than one thing.
    """
    if len(said) != 1:
        raise GobError("a definition must define one type")
    ((kind, parts),) = said.items()
    name = parts.get("CommonType", {}).get("Name", "")
    elem = parts.get("Elem", 0)
    match kind:
        case "SliceT":
            return SliceType(name, elem)
        case "ArrayT":
            return ArrayType(name, elem, parts.get("Len", 0))
        case "MapT":
            return MapType(name, parts.get("Key", 0), elem)
        case "StructT":
            fields = parts.get("Field", [])
            return StructType(name, tuple((f.get("Name", ""), f.get("Id", 0)) for f in fields))
        case _:
            return OpaqueType(name, kind)


def said(kind: WireType, own: int) -> dict[str, Any]:
    """A definition as the value of a `wireType`; `own` is the id it gets."""
    common = {"Name": kind.name, "Id": own}
    match kind:
        case SliceType(_, elem):
            return {"SliceT": {"CommonType": common, "Elem": elem}}
        case ArrayType(_, elem, length):
            return {"ArrayT": {"CommonType": common, "Elem": elem, "Len": length}}
        case MapType(_, key, elem):
            return {"MapT": {"CommonType": common, "Key": key, "Elem": elem}}
        case StructType(_, fields):
            listed = [{"Name": name, "Id": each} for name, each in fields]
            return {"StructT": {"CommonType": common, "Field": listed}}
        case OpaqueType(_, how):
            assert how in OPAQUE
            return {how: {"CommonType": common}}


def schema(root: int, find: Callable[[int], WireType | None]) -> Schema:
    """A type of a stream with all that it is made of.

    Raises:
        GobError: a part was never defined.
    """
    if root in BASIC:
        return Schema.basic(root)
    ids: dict[int, int] = {root: FIRST}
    kinds: list[WireType] = []
    for each in (line := [root]):
        kind = find(each)
        if kind is None:
            raise GobError("a type was never defined")
        kinds.append(kind)
        for part in elements(kind):
            if part not in BASIC and part not in ids:
                ids[part] = FIRST + len(ids)
                line.append(part)
    return Schema(tuple(renumbered(kind, ids) for kind in kinds))
