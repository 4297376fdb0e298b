"""Every setting by its dotted path: what variables, flags and the listing are made from."""

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
from msgspec import Meta

from config.settings import Settings

PREFIX = "JOBYARD_"


@frozen
class Key:
    """One setting that is no section."""

    path: str
    type: Any
    default: Any

    @property
    def variable(self) -> str:
        """Its environment variable: `lines.silence` is `JOBYARD_LINES__SILENCE`."""
        return PREFIX + self.path.upper().replace(".", "__")

    @property
    def is_list(self) -> bool:
        """Whether its value is a list, which a variable holds as YAML."""
        return get_origin(bare(self.type)) is tuple

    @property
    def is_text(self) -> bool:
        """Whether its value is text as it stands, whatever it looks like."""
        inner = bare(self.type)
        return inner is str or (get_origin(inner) is Annotated and get_args(inner)[0] is str)

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return is_secret(self.type)


def hints(cls: type) -> dict[str, Any]:
    """The fields of a section with their types, bounds kept."""
    return get_type_hints(cls, include_extras=True)


def bare(type_: Any) -> Any:
    """A type without `| None`."""
    if get_origin(type_) in {Union, types.UnionType}:
        (inner,) = [part for part in get_args(type_) if part is not type(None)]
        return inner
    return type_


def meta(type_: Any) -> Meta:
    """The bounds of a type; none when it states none."""
    inner = bare(type_)
    if get_origin(inner) is Annotated:
        return next((part for part in get_args(inner) if isinstance(part, Meta)), Meta())
    return Meta()


def is_secret(type_: Any) -> bool:
    """Whether values of this type are never shown."""
    return bool((meta(type_).extra or {}).get("secret"))


def _walk(section: Any, above: str) -> Iterator[Key]:
    types_ = hints(type(section))
    for attribute in attrs.fields(type(section)):
        value = getattr(section, attribute.name)
        path = f"{above}{attribute.name}"
        if attrs.has(type(value)):
            yield from _walk(value, f"{path}.")
        else:
            yield Key(path, types_[attribute.name], value)


@cache
def keys() -> Mapping[str, Key]:
    """Path -> key, in the order of the settings."""
    return types.MappingProxyType({key.path: key for key in _walk(Settings(), "")})
