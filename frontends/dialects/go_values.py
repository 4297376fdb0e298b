"""Any JSON value read and written as Go's encoding/json does it, but with whole numbers exact.

Objects are written with their keys sorted. Go reads numbers as float64; a whole number is kept as
it is here, and one that no float64 holds is refused, as there.
"""

import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from frontends.dialects import go_json

DEPTH: Final = 200
"""Levels of arrays and objects in one value."""

_NESTS: Final = (dict, list)
_LONE: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = " \t\n\r"
_WHOLE: Final = 309
"""Digits of the largest float64."""


class NotJsonError(ValueError):
    """This is not JSON, or past a bound."""


def read(raw: bytes, *, trailing: bool = False) -> Any:
    """The value of a document; with `trailing`, of its beginning.

    Raises:
        NotJsonError: there is none.
    """
    text = raw.decode("utf-8", "surrogateescape")  # a byte that is no UTF-8 is mended below
    start = len(text) - len(text.lstrip(_SPACE))
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)[:200]) from None
    if not trailing and text[end:].strip(_SPACE):
        raise NotJsonError("something follows the value")
    if not text.isascii() or "\\" in text:
        return _mended(value, DEPTH)
    _measure(value)
    return value


def write(value: Any) -> bytes:
    """A value as compact JSON."""
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case str():
            return go_json.string(value.encode("utf-8", "surrogatepass"))
        case int():
            return b"%d" % value
        case float():
            return _number(value)
        case dict():
            pairs = (b"%b:%b" % (write(key), write(value[key])) for key in sorted(value))
            return b"{%b}" % b",".join(pairs)
        case _:
            return go_json.array(map(write, value))


def _whole(text: str) -> int | float:
    if text == "-0":
        return -0.0
    if len(text) > _WHOLE + 1 or math.isinf(float(text)):
        raise NotJsonError("a number is too large")
    return int(text)


def _broken(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise NotJsonError("a number is too large")
    return value


def _no_number(text: str) -> float:
    raise NotJsonError(f"{text} is no number")


_DECODER: Final = json.JSONDecoder(parse_int=_whole, parse_float=_broken, parse_constant=_no_number)


def _measure(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH):
        level = [inner for each in level for inner in _inside(each) if type(inner) in _NESTS]
        if not level:
            return
    raise NotJsonError("it is too deep")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _mended(value: Any, left: int) -> Any:
    """The same with U+FFFD where a character is half of one."""
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if not isinstance(value, dict | list):
        return value
    if not left:
        raise NotJsonError("it is too deep")
    if isinstance(value, list):
        return [_mended(each, left - 1) for each in value]
    return {_mended(key, 0): _mended(each, left - 1) for key, each in value.items()}


def _number(value: float) -> bytes:
    """As Go writes a float64: shortest, with an exponent only where it is far from one."""
    size = abs(value)
    if size and not 1e-6 <= size < 1e21:
        digits, _, exponent = repr(value).partition("e")
        power = exponent[1:].lstrip("0") if exponent[0] == "-" else exponent[1:]
        return f"{digits}e{exponent[0]}{power}".encode()
    text = repr(value)
    if "e" in text:  # Python begins with exponents at 1e16 and 1e-5
        text = format(Decimal(text), "f")
    return text.removesuffix(".0").encode()
