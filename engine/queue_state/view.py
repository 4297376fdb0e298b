"""Snapshots of jobs and queues for people and doors: values, never the live thing."""

from math import inf
from typing import Final

from engine.job import PLAIN_MORE, Job, JobMore, JobState
from engine.queue_state.core import QueueCore
from engine.queue_state.waiting import Waiter
from engine.replies import (
    AccessView,
    JobView,
    QueueCounts,
    QueueView,
    RecurrenceView,
    WorkerView,
)

SHOWN_PAYLOAD: Final = 4_096
"""Bytes of a recurrence's payload that lists show whole."""


def view(q: QueueCore, job: Job) -> JobView:
    """The job as it is now."""
    hold = job.reservation
    if job.payload is None or job.state >= JobState.DONE:
        q.lacking = True
    return JobView(
        job.id,
        job.seq,
        q.group,
        q.name,
        job.type,
        job.payload,
        job.state,
        job.priority,
        job.policy,
        job.ready_at,
        job.created_at,
        job.updated_at,
        job.attempts,
        job.failures,
        job.started_at,
        job.finished_at,
        job.done_at,
        job.history,
        None if hold is None else hold.id,
        "" if hold is None else hold.principal,
        hold is not None and hold.started,
        None if hold is None or hold.lease_until == inf else hold.lease_until,
        _more(job),
        None if job.rare is None else job.rare.details,
    )


def _more(job: Job) -> JobMore:
    rare = job.rare
    if rare is None:
        return PLAIN_MORE
    return JobMore(
        rare.expires_at,
        rare.content_type,
        rare.unique_key,
        rare.unique_scope,
        rare.recurrence,
        rare.tick,
        rare.lapses,
        rare.disconnects,
        rare.releases,
        rare.resets,
        rare.reason,
        rare.progress,
        rare.note,
    )


def counts(q: QueueCore) -> QueueCounts:
    """Counters, copied."""
    return QueueCounts(
        tuple(q.counts),
        {kind: tuple(states) for kind, states in q.types.items()},
        q.published,
        q.finished,
        q.paused,
        q.draining,
    )


def worker(q: QueueCore, waiter: Waiter) -> WorkerView:
    """One subscription."""
    peer = waiter.who.peer
    assert peer is not None
    jobs = [q.jobs[seq] for seq in waiter.held]
    principal = waiter.who.principal
    groups = ("*",) if principal.admin else tuple(principal.groups)
    return WorkerView(
        peer.name,
        peer.address,
        groups or None,
        any(job.reservation is not None and job.reservation.started for job in jobs),
        waiter.types,
        waiter.credit,
        tuple(job.id for job in jobs),
        peer.since,
        peer.finished,
    )


def recurrences(q: QueueCore, *, whole: bool = False) -> tuple[RecurrenceView, ...]:
    """What the queue makes on schedule, in order of declaration; `whole`: long payloads, too."""
    return tuple(
        RecurrenceView(
            found.number,
            q.name,
            found.spec.type,
            found.spec.cron,
            found.spec.zone,
            found.spec.paused,
            found.last_tick,
            None if found.alarm == inf else found.alarm + q.wall_shift,
            found.spec.missed,
            found.spec.overlap,
            found.spec.fires,
            found.spec.seconds,
            found.spec.payload if whole or len(found.spec.payload) <= SHOWN_PAYLOAD else None,
            found.spec.since,
        )
        for found in q.recurrences.values()
    )


def queue_view(q: QueueCore, *, jobs: bool) -> QueueView:
    """The queue whole; lists that are empty are None unless they were emptied at one stroke."""
    shown = tuple(view(q, q.jobs[seq]) for seq in q.order.after(0)) if jobs else ()
    workers = tuple(worker(q, waiter) for waiter in q.subscriptions.values())
    access = q.access
    return QueueView(
        q.number,
        q.group,
        q.name,
        q.id,
        counts(q),
        shown or (() if q.cleared["jobs"] else None),
        workers or (() if q.cleared["workers"] else None),
        recurrences(q) or None,
        AccessView(access.key is not None, access.readers, access.writers, access.declared),
    )


def is_over(job: Job) -> bool:
    """Whether the job reached a terminal state."""
    return job.state >= JobState.DONE
