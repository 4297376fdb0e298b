"""What was said about the settings, before it has types.

Files, variables and flags all say text. One tree holds it with the place where it was said, so
there is one road from text to values and every mistake can name its line.
"""

from collections.abc import Iterator

from attrs import field, frozen

from config.mistakes import shown

NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@frozen
class Scalar:
    """A piece of text."""

    text: str = field(repr=False)
    place: str
    plain: bool = True
    """False when it was written in quotes: then it is text and nothing else."""

    @property
    def is_nothing(self) -> bool:
        """Said, but with no value: the same as not said."""
        return self.plain and self.text in NOTHING


@frozen
class Tree:
    """A mapping."""

    entries: "dict[str, Node]" = field(repr=False)
    place: str


@frozen
class Items:
    """A list."""

    nodes: "list[Node]" = field(repr=False)
    place: str


Node = Scalar | Tree | Items


def told(node: Node, *, secret: bool = False) -> str:
    """What stands there, for a message."""
    match node:
        case Tree():
            return "a mapping"
        case Items():
            return "a list"
        case Scalar() if node.is_nothing:
            return "nothing"
        case Scalar():
            text = f"{len(node.text)} characters" if secret else shown(node.text)
            return text if node.plain else f"{text} in quotes"


def merge(under: Tree, over: Tree) -> Tree:
    """Mappings are joined key by key; of anything else the later word holds."""
    entries = dict(under.entries)
    for key, node in over.entries.items():
        before = entries.get(key)
        if isinstance(before, Tree) and isinstance(node, Tree):
            entries[key] = merge(before, node)
        else:
            entries[key] = node
    return Tree(entries, over.place)


def plant(tree: Tree, path: str, node: Node) -> None:
    """Put a node at a dotted path, making the mappings on the way."""
    *sections, key = path.split(".")
    for section in sections:
        inner = tree.entries.setdefault(section, Tree({}, node.place))
        assert isinstance(inner, Tree), f"{section} is no section"
        tree = inner
    tree.entries[key] = node


def prune(tree: Tree, path: str) -> None:
    """Take away what stands at a path; of a list, the whole of it."""
    head, _, rest = path.split("[", 1)[0].partition(".")
    inner = tree.entries.get(head)
    if rest and isinstance(inner, Tree):
        prune(inner, rest)
    else:
        tree.entries.pop(head, None)


def places(tree: Tree, above: str = "") -> Iterator[tuple[str, str]]:
    """Each path that has a value, with the place where that was said."""
    for key, node in tree.entries.items():
        if isinstance(node, Tree):
            yield from places(node, f"{above}{key}.")
        elif not (isinstance(node, Scalar) and node.is_nothing):
            yield f"{above}{key}", node.place
