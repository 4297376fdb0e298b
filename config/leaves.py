"""From one piece of text to one typed value, strictly: no guesses, no Python leniency."""

import math
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from msgspec import Meta

from config.keys import is_secret, meta
from config.tree import Node, Scalar, told

_INTEGER: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,18})")
_NUMBER: Final = re.compile(
    r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?"
)
_TRUTH: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_ALSO: Final = {"warning": "warn"}
"""Other words for a choice."""


class WrongValueError(ValueError):
    """Not what was expected there."""

    def __init__(self, problem: str, place: str) -> None:
        self.problem = problem
        self.place = place
        super().__init__(problem)


def unlike(expected: str, node: Node, *, secret: bool = False) -> WrongValueError:
    """Say what was expected and what stands there."""
    return WrongValueError(f"expected {expected}, got {told(node, secret=secret)}", node.place)


def leaf(type_: Any) -> Callable[[Node, Any], Any]:
    """What turns a node into a value of a type that is no section and no list."""
    bounds, secret = meta(type_), is_secret(type_)
    kind = get_args(type_)[0] if get_origin(type_) is Annotated else type_
    if get_origin(kind) is Literal:
        return lambda node, _: _choice(node, get_args(kind))
    if kind is bool:
        return lambda node, _: _truth(node)
    if kind is int:
        return lambda node, _: _integer(node, bounds)
    if kind is float:
        return lambda node, _: _number(node, bounds)
    assert kind is str, f"settings have no values of type {kind}"
    return lambda node, _: _text(node, bounds, secret=secret)


def _within(value: float, bounds: Meta) -> bool:
    return (bounds.ge is None or value >= bounds.ge) and (bounds.le is None or value <= bounds.le)


def _span(bounds: Meta) -> str:
    return f" from {bounds.ge} to {bounds.le}" if bounds.ge is not None else ""


def _integer(node: Node, bounds: Meta) -> int:
    if isinstance(node, Scalar) and node.plain and _INTEGER.fullmatch(node.text):
        value = int(node.text)
        if _within(value, bounds):
            return value
    raise unlike(f"a whole number{_span(bounds)}", node)


def _number(node: Node, bounds: Meta) -> float:
    if isinstance(node, Scalar) and node.plain and _NUMBER.fullmatch(node.text):
        value = float(node.text)
        if math.isfinite(value) and _within(value, bounds):
            return value
    raise unlike(f"a number{_span(bounds)}", node)


def _truth(node: Node) -> bool:
    value = _TRUTH.get(node.text.lower()) if isinstance(node, Scalar) and node.plain else None
    if value is None:
        raise unlike("true or false", node)
    return value


def _text(node: Node, bounds: Meta, *, secret: bool) -> str:
    least, most = bounds.min_length or 0, bounds.max_length or 4096
    expected = bounds.description or f"text of {least} to {most} characters"
    if not isinstance(node, Scalar) or node.is_nothing or not least <= len(node.text) <= most:
        raise unlike(expected, node, secret=secret)
    if "\x00" in node.text or not _is_utf8(node.text):
        raise unlike("UTF-8 without NUL", node, secret=secret)
    if bounds.pattern is not None and not re.fullmatch(bounds.pattern, node.text):
        raise unlike(expected, node, secret=secret)
    return node.text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _choice(node: Node, options: tuple[str, ...]) -> str:
    if isinstance(node, Scalar) and not node.is_nothing:
        said = node.text.lower()
        for option in options:
            if option.lower() in {said, _ALSO.get(said)}:
                return option
    raise unlike("one of " + ", ".join(option or "''" for option in options), node)
