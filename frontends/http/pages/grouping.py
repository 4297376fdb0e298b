"""Failures that are the same but for numbers and ids, put together. Pure.

`no route to 10.0.0.7` and `no route to 10.0.0.9` are one failure that happened twice.
"""

import re
from typing import Final

from attrs import define, field, frozen

from engine.job import Details
from engine.replies import JobView

MOST_GROUPS: Final = 200
"""Kinds of failure told apart; what comes after is counted together."""
LONGEST: Final = 200
"""Characters of an error that tell it from others."""

_FOLD: Final = "#"
_NOTHING: Final = Details()
_LINES: Final = re.compile(r"[\r\n]+")
_FOLDED: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|0[xX][0-9a-fA-F]+"
    r"|\b(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"
    r"|[0-9]+(?:[.,:][0-9]+)*"
    r"|[\ud800-\udfff]+"  # no text, and so nothing that can be looked for
)


@frozen(order=True)
class Failure:
    """What a group has in common."""

    queue: str
    type: str
    error_type: str
    error: str
    """The first line, with `#` for each number and id."""
    reason: str = ""
    """The engine's own word, of a failure without any."""

    @property
    def common(self) -> str:
        """What every error of its kind has, as far as it can be looked for; may be empty."""
        return fragment(self.error) or fragment(folded(self.error_type))


@define
class Group:
    """Jobs that failed alike."""

    failure: Failure
    sample: str
    """The id of the one that failed last."""
    message: str
    """Its error, as it was."""
    first: float
    last: float
    failed: int = 0
    """Jobs that are over."""
    waiting: int = 0
    """Jobs that wait for their next attempt."""
    over: str = ""
    """The id of the one that failed last of those that are over."""
    _over_at: float = -1.0

    @property
    def count(self) -> int:
        """Jobs."""
        return self.failed + self.waiting

    def count_over(self, job: str, at: float) -> None:
        """One more that is over."""
        self.failed += 1
        if at > self._over_at:
            self.over, self._over_at = job, at


@define
class Groups:
    """What was looked at so far."""

    by_failure: dict[Failure, Group] = field(factory=dict[Failure, Group])
    others: int = 0
    """Jobs of kinds past the bound."""

    def add(self, job: JobView, *, over: bool) -> None:
        """Count a job that failed."""
        details = job.details or _NOTHING
        failure = failure_of(job)
        at = job.updated_at
        group = self.by_failure.get(failure)
        if group is None:
            if len(self.by_failure) == MOST_GROUPS:
                self.others += 1
                return
            group = Group(failure, job.id, details.error[:LONGEST], at, at)
            self.by_failure[failure] = group
        if at > group.last:
            group.sample, group.message, group.last = job.id, details.error[:LONGEST], at
        group.first = min(group.first, at)
        if over:
            group.count_over(job.id, at)
        else:
            group.waiting += 1

    def ranked(self) -> list[Group]:
        """The most frequent first, and of those that are as frequent the latest."""
        return sorted(
            self.by_failure.values(), key=lambda group: (-group.count, -group.last, group.failure)
        )


def failure_of(job: JobView) -> Failure:
    """The kind of failure of a job; one without words has the engine's own."""
    details = job.details or _NOTHING
    text = folded(details.error)
    reason = "" if text else job.more.reason
    return Failure(job.queue, job.type, details.error_type, text, reason)


def folded(error: str) -> str:
    """The first line with `#` for each number and id."""
    line = _LINES.split(error.strip()[: 4 * LONGEST], maxsplit=1)[0]
    return _FOLDED.sub(_FOLD, line)[:LONGEST]


def fragment(error: str) -> str:
    """The longest piece of a folded line between the folds: what every error of its kind has."""
    pieces = (piece.strip() for piece in error.split(_FOLD))
    return max(pieces, key=len)
