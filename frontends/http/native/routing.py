"""From the raw path of a request to a row of the table and the fields that the path gives."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from attrs import define, field, frozen

from frontends.dialects.native_values import text
from frontends.http.native.path import PREFIX, READING, Path

_HOLE: Final = None
"""Stands for a segment that gives a field. No text, for a segment may be any text."""


@frozen
class Found:
    """A path of the table that a request means."""

    path: Path
    values: dict[str, str]


@frozen
class WrongMethod:
    """There is such a path, for other methods."""

    allowed: tuple[str, ...]


@define
class _Node:
    """What may follow after some segments."""

    names: "dict[str | None, _Node]" = field(factory=dict)
    paths: dict[str, Path] = field(factory=dict)
    """By method."""


class Routes:
    """Paths by their segments; a fixed segment goes before one that gives a field."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Know these paths."""
        self._root = _Node()
        for path in paths:
            node = self._root
            for part in path.segments:
                node = node.names.setdefault(_HOLE if part.startswith("{") else part, _Node())
            assert path.method not in node.paths, path.template
            node.paths[path.method] = path

    def find(self, method: str, raw_path: bytes) -> Found | WrongMethod | None:
        """The path that this means; None: there is no such path.

        Raises:
            Unfit: a segment is no UTF-8.
        """
        node, given = self._root, list[str]()
        for part in raw_path.split(b"?")[0].split(b"/")[1 + PREFIX.count("/") :]:
            name = text(unquote_to_bytes(part))
            inner = node.names.get(name)
            if inner is None:
                inner = node.names.get(_HOLE)
                given.append(name)
            if inner is None:
                return None
            node = inner
        if not node.paths:
            return None
        path = node.paths.get("GET" if method in READING else method)
        if path is None:
            heads = ("HEAD",) if "GET" in node.paths else ()
            return WrongMethod((*sorted((*node.paths, *heads)), "OPTIONS"))
        return Found(path, dict(zip(path.in_path, given, strict=True)))
