"""The one table of commands.

A command is a frozen class; its row has the native word, the right it needs, how it finds its
queue, and the text for people. Native words, help, and the rights check all come from here.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, TypeVar

from attrs import frozen

from engine.access import Right


class Route(Enum):
    """How a command finds who answers it."""

    QUEUE = auto()
    """It names a queue (`.queue`), which exists."""
    NEW_QUEUE = auto()
    """It names a queue, which is made if need be."""
    JOB = auto()
    """It names a job (`.job`), whose queue is looked up."""
    SERVER = auto()
    """It spans queues, or none."""


@frozen
class CommandRow:
    """One row of the table."""

    word: str
    """The native word, upper case."""
    kind: type
    needs: int
    """A `Right` as a plain number: it is checked for every command."""
    route: Route
    stays: bool
    """The queue must hear when a connection goes that said it: it may hold jobs, or wait."""
    audited: bool
    """It leaves an entry in the audit log."""
    about: str
    """One sentence for people: the first line of the class's docstring."""


TABLE: Final[dict[type, CommandRow]] = {}
BY_WORD: Final[dict[str, CommandRow]] = {}

_C = TypeVar("_C", bound=type)


def command(
    word: str, needs: Right, route: Route, *, stays: bool = False, audited: bool = False
) -> Callable[[_C], _C]:
    """Enter a class into the table; the word must be free. What needs the work right stays."""

    def enter(kind: _C) -> _C:
        assert word not in BY_WORD, word
        assert kind.__doc__, kind
        about = kind.__doc__.strip().splitlines()[0]
        row = CommandRow(
            word, kind, int(needs), route, stays or Right.WORK in needs, audited, about
        )
        TABLE[kind] = row
        BY_WORD[word] = row
        return kind

    return enter
