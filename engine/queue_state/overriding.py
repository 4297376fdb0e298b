"""Putting a job that nobody holds into a state in one step, for those who manage."""

from engine.access import Caller
from engine.job import TERMINAL, Cause, Job, JobState
from engine.queue_state import ending
from engine.queue_state.core import QueueCore
from engine.queue_state.matching import grant
from engine.queue_state.moves import move


def force(q: QueueCore, job: Job, who: Caller, now: float, to: str) -> None:
    """Make the job `ready`, `reserved` by the caller, `done`, or let it fail once.

    A job that is over is reset first. Each way is a walk over the table of moves, so counters
    and order stay what they are for everybody.
    """
    bring_back(q, job, now)
    if to == "ready":
        return
    grant(q, who, job, now)
    if to == "done":
        ending.finish(q, job, now)
    elif to == "failed":
        ending.fail(q, job, now)


def bring_back(q: QueueCore, job: Job, now: float) -> None:
    """Make a job that is over or scheduled ready."""
    if job.state in TERMINAL:
        rare = q.rare(job)
        rare.resets += 1
        rare.spent = job.attempts
        rare.streak = 0
        rare.reason = ""
        rare.expires_at = rare.forget_at = None
        move(q, job, Cause.RESET, JobState.READY, now)
    elif job.state is JobState.SCHEDULED:
        job.ready_at = now
        move(q, job, Cause.DUE, JobState.READY, now)
