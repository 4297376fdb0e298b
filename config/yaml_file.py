"""YAML as text: a bounded reading of one settings file.

The parser's events are turned into a tree of text with lines. No value is interpreted here, no
object is built, and nothing recurses, so a hostile file costs at most the bounds below.
"""

from pathlib import Path
from typing import Any, Final

import yaml
from attrs import frozen

from config.mistakes import Mistake, SettingsError, shown
from config.tree import Items, Node, Scalar, Tree

FILE_BYTES: Final = 16 * 1024 * 1024
NODES: Final = 1_000_000
"""Values in a file, those that aliases repeat counted each time."""
DEPTH: Final = 16

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:str"})


@frozen
class Document:
    """What a file says."""

    root: Node
    mistakes: list[Mistake]
    """What can be told from the form alone: keys that stand there twice."""


def read(path: Path) -> Document:
    """Read one file.

    Raises:
        SettingsError: it cannot be read, is no YAML, or is past a bound.
    """
    name = str(path) if str(path).isprintable() else shown(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(f"cannot be read: {reason}", name) from None
    return parse(content, name)


def parse(content: bytes, name: str) -> Document:
    """Read one YAML document; `name` is what mistakes call it.

    Raises:
        SettingsError: it is no YAML, or is past a bound.
    """
    if len(content) > FILE_BYTES:
        raise _refusal(f"expected at most {FILE_BYTES} bytes", name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(f"expected UTF-8, byte {error.start} is not", name) from None
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(f"is no YAML: {error.problem}", f"{name}:{line}") from None
    except yaml.YAMLError as error:
        raise _refusal(f"is no YAML: {str(error).splitlines()[0]}", name) from None
    return Document(builder.root or Scalar("", name), builder.mistakes)


def _refusal(problem: str, place: str) -> SettingsError:
    return SettingsError([Mistake("", problem, place)])


class _Frame:
    """A mapping or list that is still open."""

    def __init__(self, node: Tree | Items, anchor: str | None, path: str, before: int) -> None:
        self.node = node
        self.anchor = anchor
        self.path = path
        self.before = before
        self.key: Scalar | None = None


class _Builder:
    """Turns events into one tree."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event in order."""
        assert event.start_mark is not None
        place = f"{self.name}:{event.start_mark.line + 1}"
        if getattr(event, "tag", None) not in _TAGS:
            raise _refusal("expected no tag (`!…`)", place)
        match event:
            case yaml.MappingStartEvent():
                self._enter(Tree({}, place), event.anchor)
            case yaml.SequenceStartEvent():
                self._enter(Items([], place), event.anchor)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                frame = self._open.pop()
                self._close(frame.node, frame.anchor, frame.before)
            case yaml.ScalarEvent():
                before = self._count
                self._charge(1, place)
                scalar = Scalar(event.value, place, plain=bool(event.implicit[0]))
                self._close(scalar, event.anchor, before)
            case yaml.AliasEvent():
                known = self._anchors.get(event.anchor or "")
                if known is None:
                    raise _refusal("expected an alias of something that ended before it", place)
                node, size = known
                self._charge(size, place)
                self._put(node)
            case yaml.DocumentStartEvent() if self.root is not None:
                raise _refusal("expected one document", place)
            case _:
                pass

    def _charge(self, nodes: int, place: str) -> None:
        self._count += nodes
        if self._count > NODES:
            raise _refusal(f"expected at most {NODES} values, aliases counted", place)

    def _enter(self, node: Tree | Items, anchor: str | None) -> None:
        before = self._count
        self._charge(1, node.place)
        if len(self._open) >= DEPTH:
            raise _refusal(f"expected at most {DEPTH} levels", node.place)
        self._open.append(_Frame(node, anchor, self._path(), before))

    def _path(self) -> str:
        """The setting whose value comes next."""
        if not self._open:
            return ""
        frame = self._open[-1]
        if isinstance(frame.node, Items):
            return f"{frame.path}[{len(frame.node.nodes)}]"
        key = frame.key.text if frame.key else "?"
        return f"{frame.path}.{key}" if frame.path else key

    def _close(self, node: Node, anchor: str | None, before: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, self._count - before)
        self._put(node)

    def _put(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        if isinstance(frame.node, Items):
            frame.node.nodes.append(node)
        elif frame.key is None:
            if not isinstance(node, Scalar):
                raise _refusal("expected a key, got a mapping or list", node.place)
            frame.key = node
        else:
            key, path = frame.key, self._path()
            if key.text in frame.node.entries:
                self.mistakes.append(Mistake(path, "stands here twice", key.place))
            else:
                frame.node.entries[key.text] = node
            frame.key = None
