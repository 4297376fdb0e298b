"""What people may do to jobs from a page: one row for each, for one job and for many. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from engine import commands as c
from engine.job import STATES, TERMINAL, JobState

Make = Callable[[str, str], object]
"""A job's id and the queue that was named -> the command."""


@frozen
class Action:
    """One thing that is done to jobs."""

    key: str
    word: str
    """On its button."""
    done: str
    """What a job is then."""
    right: str
    states: frozenset[JobState]
    """Where a job may be."""
    make: Make
    warning: str = ""
    """Why it is asked about; empty: nothing is lost by it."""


_WAITING: Final = frozenset({JobState.SCHEDULED, JobState.READY})
_ALIVE: Final = frozenset(STATES) - TERMINAL

ACTIONS: Final[Mapping[str, Action]] = {
    action.key: action
    for action in (
        Action("retry", "Retry", "retried", "manage", TERMINAL, lambda job, _: c.Reset(job)),
        Action(
            "run", "Run now", "made ready", "manage", frozenset({JobState.SCHEDULED}),
            lambda job, _: c.Edit(job, delay=0.0),
        ),
        Action(
            "cancel", "Cancel", "canceled", "publish", _ALIVE, lambda job, _: c.Cancel(job),
            "A worker that has the job is told to stop.",
        ),
        Action(
            "move", "Move", "moved", "manage", _WAITING | TERMINAL,
            c.Move,
        ),
        Action(
            "delete", "Delete", "deleted", "manage", frozenset(STATES),
            lambda job, _: c.Delete(job), "Deleted jobs cannot be brought back.",
        ),
    )
}  # fmt: skip
"""By key, in the order of their buttons."""
