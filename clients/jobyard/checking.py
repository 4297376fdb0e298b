"""A command made by hand, checked as one that came over a wire would have been."""

from functools import cache
from math import isfinite
from types import NoneType
from typing import Any, get_args, get_type_hints

import attrs
from msgspec import Struct

from engine.commands import PLAIN, POLICY_FIELDS, TABLE
from jobyard.bounds import bounded
from jobyard.errors import BadArgument
from jobyard.words import text


def checked(command: object) -> object:
    """The command itself, once everything in it is found to be within its bounds.

    Raises:
        BadArgument: it is no command of the table, or a value in it cannot be.
    """
    if type(command) not in TABLE:
        raise BadArgument(f"{type(command).__name__} is no command")
    _check(command, Any, type(command).__name__)
    return command


def _check(value: Any, hint: Any, what: str) -> None:
    kind: Any = type(value)
    if attrs.has(kind) or isinstance(value, Struct):
        for name, of in _fields(kind).items():
            _check(getattr(value, name), of, f"{what}.{name}")
    elif isinstance(value, tuple):
        for one in value:
            _check(one, Any, what)
        if not any(attrs.has(type(one)) for one in value):
            bounded(value, hint, what)
    elif kind is bytes or hint is bytes:
        if hint not in {bytes, bytes | None, Any} or kind is not bytes:
            raise BadArgument(f"{what}: {kind.__name__} does not belong here")
    else:
        bounded(value, hint, what)
        if kind is str:
            text(value)
        if kind is float and not isfinite(value):
            raise BadArgument(f"{what}: is not finite")


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """Every field with its bounds; those of a policy are stated with the commands."""
    hints = get_type_hints(kind, include_extras=True)
    names = (
        kind.__struct_fields__ if issubclass(kind, Struct) else [f.name for f in attrs.fields(kind)]
    )
    policy = POLICY_FIELDS if kind is type(PLAIN.policy) else {}
    return {name: _bounds(hints[name], policy.get(name)) for name in names}


def _bounds(hint: Any, stated: Any) -> Any:
    if stated is None:
        return hint
    return stated | None if NoneType in get_args(hint) else stated
