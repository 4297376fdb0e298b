"""Telling a JobEngine v0 file from ours (COMPAT "Its config.yml")."""

from config.mistakes import Mistake
from config.tree import Tree

_LISTS = {"read", "write"}


def refusal(tree: Tree) -> Mistake | None:
    """Why a file of that dialect cannot be served, or None when the file is ours."""
    queues = tree.entries.get("queues")
    listed = isinstance(queues, Tree) and any(
        isinstance(queue, Tree) and bool(queue.entries.keys() & _LISTS)
        for queue in queues.entries.values()
    )
    if "job_keep_minutes" not in tree.entries and not listed:
        return None
    told = "job_keep_minutes" if "job_keep_minutes" in tree.entries else "queues"
    return Mistake(
        told,
        "makes this a JobEngine v0 configuration (jobengine-v0-config); this version has no HTTP"
        " front-end and cannot serve that dialect yet",
        tree.entries[told].place,
    )
