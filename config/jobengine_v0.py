"""A JobEngine v0 file, told from ours and read as it is (COMPAT "Its config.yml")."""

import re
from collections.abc import Iterator
from typing import Final

from config.mistakes import Mistake
from config.tree import Items, Node, Scalar, Tree, merge, told

_LISTS: Final = frozenset({"read", "write"})
_ONE: Final = re.compile(r"\+?1(\.0*)?")
_KEYS: Final = {
    "port": "v0_port",
    "job_keep_minutes": "keep_minutes",
    "job_timeout_minutes": "timeout_minutes",
}
"""What the file calls it, and what section `jobengine` does."""


def is_v0(tree: Tree) -> bool:
    """Whether a file is of that dialect."""
    queues = tree.entries.get("queues")
    listed = isinstance(queues, Tree) and any(
        isinstance(queue, Tree) and bool(queue.entries.keys() & _LISTS)
        for queue in queues.entries.values()
    )
    return listed or "job_keep_minutes" in tree.entries


def translated(tree: Tree, wrong: list[Mistake]) -> Tree:
    """Say in our words what such a file says; what it lacks goes to `wrong`.

    Keys beside those of the original are ours, so the file may also say where to listen.
    """
    wrong.extend(_mistakes(tree))
    said: dict[str, Node] = {
        ours: tree.entries[theirs] for theirs, ours in _KEYS.items() if theirs in tree.entries
    }
    queues = tree.entries.get("queues")
    if isinstance(queues, Tree):
        said["queues"] = Items(
            [_queue(name, queue) for name, queue in queues.entries.items()], queues.place
        )
    kept = {
        key: node
        for key, node in tree.entries.items()
        if key not in _KEYS and key not in {"version", "queues"}
    }
    return merge(Tree(kept, tree.place), Tree({"jobengine": Tree(said, tree.place)}, tree.place))


def _queue(name: str, queue: Node) -> Node:
    if not isinstance(queue, Tree):
        return queue
    return Tree({"name": Scalar(name, queue.place, plain=False), **queue.entries}, queue.place)


def _mistakes(tree: Tree) -> Iterator[Mistake]:
    version = tree.entries.get("version")
    if not (isinstance(version, Scalar) and version.plain and _ONE.fullmatch(version.text)):
        found = "nothing" if version is None else told(version)
        place = tree.place if version is None else version.place
        yield Mistake("version", f"expected the number 1, got {found}", place)
    for key in _KEYS:
        node = tree.entries.get(key)
        if node is None or (isinstance(node, Scalar) and node.is_nothing):
            yield Mistake(key, "is missing, a JobEngine v0 file needs it", tree.place)
    queues = tree.entries.get("queues")
    if not isinstance(queues, Tree):
        found = "nothing" if queues is None else told(queues)
        place = tree.place if queues is None else queues.place
        yield Mistake("queues", f"expected a mapping of queues, got {found}", place)
