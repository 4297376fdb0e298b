"""Queues that a settings file declares, as JobEngine v0's did."""

from attrs import frozen

from config.bounds import Name


@frozen
class DeclaredQueue:
    """One queue, and who may use it by the name it sends."""

    name: Name
    read: tuple[Name, ...]
    """Names that may take and list jobs."""
    write: tuple[Name, ...]
    """Names that may add and change jobs."""
