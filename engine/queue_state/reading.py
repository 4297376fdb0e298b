"""Looking at jobs and queues; nothing changes."""

from itertools import islice
from typing import Final

from engine.access import Caller
from engine.commands import Counts, Describe, Get, ListJobs, ListRecurrences, ListWorkers
from engine.job import Job
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import UNKNOWN
from engine.queue_state.view import counts, queue_view, recurrences, view, worker
from engine.replies import (
    Code,
    Jobs,
    JobView,
    OneJob,
    Recurrences,
    Refused,
    Reply,
    ReplyTo,
    Workers,
)

MOST_LOOKS: Final = 20_000
"""Jobs that one page looks at, so that a rare filter holds nobody up."""


def get(q: QueueCore, c: Get, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One job."""
    job = q.ids.get(c.job)
    return UNKNOWN if job is None else OneJob(view(q, job))


def list_jobs(q: QueueCore, c: ListJobs, who: Caller, to: ReplyTo, now: float) -> Reply:
    """A page; the cursor is the seq of the last job looked at."""
    order = q.order.before(c.after or None) if c.newest_first else q.order.after(c.after)
    found: list[JobView] = []
    seen = c.after
    for seq in islice(order, MOST_LOOKS):
        job = q.jobs[seq]
        seen = seq
        if _fits(c, job):
            found.append(view(q, job))
            if len(found) == c.limit:
                break
    more = next(order, None) is not None
    return Jobs(tuple(found), seen if more else None)


def _fits(c: ListJobs, job: Job) -> bool:
    return (
        (not c.states or job.state in c.states)
        and (c.type is None or job.type == c.type)
        and (c.since is None or job.created_at >= c.since)
        and (c.until is None or job.created_at < c.until)
    )


def describe(q: QueueCore, c: Describe, who: Caller, to: ReplyTo, now: float) -> Reply:
    """The queue whole, if its jobs are few enough."""
    if c.jobs and len(q.jobs) > c.jobs:
        return Refused(
            Code.TOO_MANY_JOBS, f"the queue has {len(q.jobs)} jobs; at most {c.jobs} are listed"
        )
    return queue_view(q, jobs=bool(c.jobs))


def list_workers(q: QueueCore, c: ListWorkers, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Who is subscribed."""
    return Workers(tuple(worker(q, waiter) for waiter in q.subscriptions.values()))


def list_recurrences(
    q: QueueCore, c: ListRecurrences, who: Caller, to: ReplyTo, now: float
) -> Reply:
    """What is made on schedule."""
    return Recurrences(recurrences(q, whole=c.whole))


def count(q: QueueCore, c: Counts, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Counters by state and type."""
    return counts(q)
