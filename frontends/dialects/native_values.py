"""One argument of a native command, read as what the command's field says it is.

Rule 1: a reader is made once, from the field's annotation: bounds are stated nowhere else.
Rule 2: whatever the bytes are, a reader gives a value inside its bounds or raises `Unfit`.
"""

import re
from collections.abc import Callable
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from engine.commands import Grant
from engine.commands.fields import Name, TypeName, is_name
from engine.job import JobState
from engine.replies import Code

Reader = Callable[[bytes], Any]

_DIGITS: Final = 19
"""Of an integer; what fits 64 bits needs no more."""
_integer: Final = re.compile(rb"-?[0-9]{1,%d}" % _DIGITS).fullmatch
_decimal: Final = re.compile(rb"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?").fullmatch
_STATES: Final = {state.name.lower(): state for state in JobState}


class Unfit(ValueError):
    """The bytes are not what the field takes; its text says what would be."""

    def __init__(self, sentence: str, code: Code = Code.INVALID_VALUE) -> None:
        super().__init__(sentence)
        self.code = code


def text(raw: bytes) -> str:
    """UTF-8, and nothing that only looks like it."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unfit("is no UTF-8") from None


def _name(raw: bytes) -> str:
    found = text(raw)
    if not is_name(found):
        raise Unfit("a name has 1 to 200 characters and no control characters", Code.INVALID_NAME)
    return found


def _type_name(raw: bytes) -> str:
    return _name(raw) if raw else ""


def _whole(raw: bytes) -> int:
    if not _integer(raw):
        raise Unfit("is no whole number")
    return int(raw)


def _number(raw: bytes) -> float:
    if not _decimal(raw) or not isfinite(found := float(raw)):
        raise Unfit("is no number")
    return found


def _bool(raw: bytes) -> bool:
    if raw not in {b"true", b"false"}:
        raise Unfit("is neither true nor false")
    return raw == b"true"


def _states(raw: bytes) -> tuple[JobState, ...]:
    names: tuple[str, ...] = json_of(raw, tuple[str, ...])
    unknown = next((name for name in names if name not in _STATES), None)
    if unknown is not None:
        raise Unfit(f"the states are {', '.join(_STATES)}")
    return tuple(dict.fromkeys(_STATES[name] for name in names))


def json_of(raw: bytes, kind: Any) -> Any:
    """JSON of one kind; too deep, too large and not JSON at all are the same."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unfit(f"JSON: {error}") from None
    except RecursionError:
        raise Unfit("JSON: nested too deeply") from None


_PLAIN: Final[dict[Any, Reader]] = {
    str: text,
    bytes: lambda raw: raw,
    int: _whole,
    float: _number,
    bool: _bool,
}


def reader(hint: Any) -> Reader:
    """What reads an argument of this annotation.

    Raises:
        TypeError: no argument can be of that kind; found when the words are bound at import.
    """
    if hint in (Name, TypeName):
        return _name if hint == Name else _type_name
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, parts = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType} and len(rest := [p for p in parts if p is not NoneType]) == 1:
        return reader(rest[0])
    if origin is Literal:
        return _one_of({word: word for word in parts})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of({str(member.value): member for member in hint})
    if hint == tuple[JobState, ...]:
        return _states
    base = get_args(hint)[0] if origin is Annotated else hint
    if get_origin(base) is tuple:
        if Grant in get_args(base):
            return lambda raw: _grants(raw, hint)
        return _names(hint) if Name in get_args(base) else (lambda raw: json_of(raw, hint))
    if origin is Annotated:
        return _bounded(reader(base), hint)
    raise TypeError(hint)


def _one_of(words: dict[str, Any]) -> Reader:
    known = {word.encode(): value for word, value in words.items()}

    def read(raw: bytes) -> Any:
        if raw not in known:
            raise Unfit(f"is none of {', '.join(words)}")
        return known[raw]

    return read


def _grants(raw: bytes, hint: Any) -> Any:
    """JSON, or as people write it: `mail,shop:read+work`; a group alone gives all rights in it."""
    if raw.startswith(b"["):
        return json_of(raw, hint)
    shapes: list[dict[str, Any]] = []
    for said in text(raw).split(",") if raw else []:
        group, _, rights = said.partition(":")
        shapes.append({"group": group, "rights": rights.split("+")} if rights else {"group": group})
    try:
        return msgspec.convert(shapes, hint)
    except msgspec.ValidationError as error:
        raise Unfit(f"groups are written mail,shop:read+work: {error}") from None


def _names(hint: Any) -> Reader:
    def read(raw: bytes) -> Any:
        names = json_of(raw, hint)
        if not all(map(is_name, names)):
            raise Unfit("one of them is no name", Code.INVALID_NAME)
        return names

    return read


def _bounded(read_plain: Reader, hint: Any) -> Reader:
    # A class of its own is looked up at once; an annotation is hashed each time, in Python.
    held: Any = msgspec.defstruct("Held", [("value", hint)], array_like=True)

    def read(raw: bytes) -> Any:
        try:
            return msgspec.convert((read_plain(raw),), held).value
        except msgspec.ValidationError as error:
            raise Unfit(str(error).partition(" - at ")[0]) from None

    return read
