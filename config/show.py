"""The effective settings as YAML, secrets hidden, each with the place where it was said."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import yaml

from config.keys import hints, is_secret
from config.mistakes import shown
from config.settings import Settings

HIDDEN: Final = "(hidden)"


def show(settings: Settings, origins: Mapping[str, str]) -> str:
    """All settings as one YAML document, a setting a line."""
    return "\n".join(_lines(settings, origins, "", "")) + "\n"


def _lines(section: Any, origins: Mapping[str, str], above: str, indent: str) -> Iterator[str]:
    types = hints(type(section))
    for each in attrs.fields(type(section)):
        value, path = getattr(section, each.name), f"{above}{each.name}"
        if attrs.has(type(value)):
            yield f"{indent}{each.name}:"
            yield from _lines(value, origins, f"{path}.", f"{indent}  ")
        else:
            place = origins.get(path)
            told = "" if place is None else f"  # {place if place.isprintable() else shown(place)}"
            yield f"{indent}{each.name}: {_flow(_plain(value, types[each.name]))}{told}"


def _plain(value: Any, type_: Any = None) -> Any:
    """A value as mappings, lists and scalars, secrets hidden, defaults of list entries left out."""
    if value is not None and type_ is not None and is_secret(type_):
        return HIDDEN
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if not attrs.has(type(value)):
        return value
    types = hints(type(value))
    return {
        each.name: _plain(getattr(value, each.name), types[each.name])
        for each in attrs.fields(type(value))
        if getattr(value, each.name) != each.default
    }


def _flow(value: Any) -> str:
    """One line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, width=2**31, sort_keys=False)
    return text.removesuffix("...\n").strip()
