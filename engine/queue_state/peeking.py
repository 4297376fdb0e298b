"""Looking at who is next, without taking anything."""

from itertools import islice

from engine.access import Caller
from engine.commands import Peek
from engine.queue_state.core import QueueCore
from engine.queue_state.view import view
from engine.replies import Jobs, Reply, ReplyTo


def peek(q: QueueCore, c: Peek, who: Caller, to: ReplyTo, now: float) -> Reply:
    """The head of the line; a queue that is paused hands out nothing."""
    if q.paused:
        return Jobs(())
    fit = (
        job
        for job in q.ready.in_order(c.types)
        if job.rare is None or job.rare.expires_at is None or job.rare.expires_at > now
    )
    return Jobs(tuple(view(q, job) for job in islice(fit, c.limit)))
