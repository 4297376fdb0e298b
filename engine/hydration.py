"""Payloads and details that are on disk only, fetched for the answers that show them."""

from typing import Final

from engine.job import JobState
from engine.queue_state import QueueState
from engine.queue_state.rows import details_from
from engine.replies import Granted, Jobs, JobView, OneJob, Pushed, Queues, QueueView, Reply
from engine.store.protocol import Store

_CHUNK = 500
SHOWING: Final = frozenset({Pushed, Granted, OneJob, Jobs, QueueView, Queues})
"""Replies that show jobs."""


def missing_in(reply: Reply) -> list[JobView]:
    """The views in a reply that lack what is on disk."""
    match reply:
        case Pushed(job):
            return [job] if job.payload is None else []
        case OneJob(job):
            return [job] if job.payload is None or _lacks_details(job) else []
        case Granted(jobs) | Jobs(jobs):
            return [job for job in jobs if job.payload is None]
        case QueueView(jobs=jobs):
            return [job for job in jobs or () if job.payload is None]
        case Queues(queues):
            return [job for q in queues for job in q.jobs or () if job.payload is None]
        case _:
            return []


def _lacks_details(job: JobView) -> bool:
    return job.details is None and job.state >= JobState.DONE


async def bring_details(store: Store, state: QueueState) -> None:
    """Give live jobs that were just loaded what they carried: log, error, checkpoint."""
    seqs = state.noted()
    for at in range(0, len(seqs), _CHUNK):
        rows = await store.details(seqs[at : at + _CHUNK])
        state.load_details(rows.values())


async def fill(store: Store, views: list[JobView]) -> None:
    """Fetch and set payloads, and details of jobs that are over.

    A job that went away meanwhile keeps an empty payload.
    """
    seqs = [view.seq for view in views if view.payload is None]
    payloads = await store.payloads(seqs) if seqs else {}
    over = [view.seq for view in views if _lacks_details(view)]
    details = await store.details(over) if over else {}
    for view in views:
        if view.payload is None:
            view.payload = payloads.get(view.seq, b"")
        row = details.get(view.seq)
        if row is not None:
            view.details = details_from(row)
