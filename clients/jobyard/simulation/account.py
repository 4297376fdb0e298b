"""What was published through each door, and what became of it."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from jobyard.job import Job, State

HEADS: Final = (
    "door", "published", "done", "failed", "canceled", "waiting", "reserved", "missing", "refused",
)  # fmt: skip
_COLUMNS: Final[dict[State, str]] = {
    "done": "done",
    "failed": "failed",
    "canceled": "canceled",
    "expired": "canceled",
    "scheduled": "waiting",
    "ready": "waiting",
    "reserved": "reserved",
}


@frozen
class Row:
    """One door, or all of them."""

    door: str
    published: int
    """Acknowledged by the server."""
    done: int
    failed: int
    canceled: int
    """Or expired."""
    waiting: int
    reserved: int
    missing: int
    """Published and not found in any state: below nothing, there was more than was published."""
    refused: int
    """Not acknowledged, so not published as far as anybody knows."""


class Account:
    """The books of one run."""

    def __init__(self, doors: Iterable[str]) -> None:
        self._doors = tuple(doors)
        self._made: dict[str, str] = {}
        """Id of a job -> through which door."""
        self._published = Counter[str]()
        self._refused = Counter[str]()
        self._found = Counter[tuple[str, str]]()

    @property
    def published(self) -> int:
        """Jobs that the server acknowledged."""
        return self._published.total()

    @property
    def refused(self) -> int:
        """Jobs that it did not."""
        return self._refused.total()

    def note(self, door: str, job: str) -> None:
        """A job was acknowledged."""
        self._published[door] += 1
        self._made[job] = door

    def note_refused(self, door: str) -> None:
        """A job was not."""
        self._refused[door] += 1

    def take_stock(self, jobs: Iterable[Job]) -> None:
        """Enter the states of some jobs; those of others are passed over."""
        for job in jobs:
            if job.id in self._made:
                self._found[self._made[job.id], _COLUMNS[job.state]] += 1

    def rows(self) -> list[Row]:
        """Each door, then all of them together."""
        rows = [self._row(door) for door in self._doors]
        numbers = zip(*(_numbers(row) for row in rows), strict=True)
        return [*rows, Row("all", *map(sum, numbers))]

    @property
    def whole(self) -> bool:
        """Whether everything that was published is accounted for, door by door."""
        return not any(row.missing for row in self.rows())

    def _row(self, door: str) -> Row:
        states = {column: self._found[door, column] for column in _COLUMNS.values()}
        published = self._published[door]
        missing = published - sum(states.values())
        return Row(door, published, missing=missing, refused=self._refused[door], **states)


def _numbers(row: Row) -> tuple[int, ...]:
    return (
        row.published, row.done, row.failed, row.canceled,
        row.waiting, row.reserved, row.missing, row.refused,
    )  # fmt: skip


def cells(row: Row) -> list[str]:
    """A row in a table."""
    return [row.door, *map(str, _numbers(row))]
