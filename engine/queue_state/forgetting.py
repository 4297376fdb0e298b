"""Forgetting a job that is over sooner than its policy says."""

from engine.access import Caller
from engine.commands import KeepFor
from engine.job import TERMINAL
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import UNKNOWN
from engine.queue_state.moves import kept_until
from engine.replies import OK, Code, Refused, Reply, ReplyTo

WRONG_STATE = Refused(Code.WRONG_STATE)


def keep_for(q: QueueCore, c: KeepFor, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Shorten what is left; never lengthen it."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if job.state not in TERMINAL:
        return WRONG_STATE
    if now + c.seconds < kept_until(job):
        q.rare(job).forget_at = now + c.seconds
        q.touched[job.seq] = job
        q.set_alarm(job, kept_until(job))
    return OK
