"""Steps on their way to the disk, and the disk: a dict a table."""

from typing import Any

from attrs import define

from engine.queue_state import Step
from engine.store.tables import Table
from tests.model.line import Line
from tests.model.naive import Queue
from tests.model.ticks import Ticks

Rows = dict[Table, dict[Any, Any]]
Naive = tuple[Queue, Line, Ticks]


@define
class Part:
    """What one thing that happened added to the step, which may go on."""

    letters: list[tuple[Any, Any]]
    step: Step | None


@define
class Pending:
    """A step that is not on disk, with the naive queue as it was when it ended."""

    step: Step
    was: Naive | None


def fold(folded: Rows, step: Step) -> None:
    """Add a step to a commit: the last word a row counts."""
    for table, rows in step.changes.items():
        folded.setdefault(table, {}).update(rows)


def write(disk: Rows, folded: Rows) -> None:
    """Commit."""
    for table, rows in folded.items():
        kept = disk.setdefault(table, {})
        for key, row in rows.items():
            if row is None:
                kept.pop(key, None)
            else:
                kept[key] = row
