"""Writes of a job's state by those for whom whoever may write counts as the holder."""

from engine.access import Caller, Peer
from engine.commands import WriteStatus
from engine.events import What
from engine.job import Cause, Job, JobState
from engine.queue_state import ending
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import UNKNOWN, renew
from engine.queue_state.matching import grant
from engine.queue_state.moves import move, next_deadline, unhold
from engine.queue_state.overriding import bring_back
from engine.queue_state.working import say_started
from engine.replies import OK, Code, Refused, Reply, ReplyTo

_HIDDEN = frozenset({JobState.CANCELED, JobState.EXPIRED})
"""These clients have no word for them: such a job is gone."""


def write_status(q: QueueCore, c: WriteStatus, who: Caller, to: ReplyTo, now: float) -> Reply:
    """All of it, or nothing."""
    job = q.ids.get(c.job)
    if job is None or job.state in _HIDDEN or _is_late(job, now):
        return UNKNOWN
    if c.payload is not None and len(c.payload) > q.limits.payload:
        return Refused(
            Code.PAYLOAD_TOO_LARGE,
            f"the payload has {len(c.payload)} bytes; limits.payload is {q.limits.payload}",
        )
    expires_at = None if job.rare is None else job.rare.expires_at
    if c.payload is not None:
        _carry(q, job, c.payload)
    if c.priority is not None:
        _place(q, job, c.priority)
    edited = (c.payload, c.priority, c.expires_at) != (None, None, None)
    if edited and q.storage.heard:
        q.news.job(job, What.EDITED, now)
    if c.state is not None:
        _put(q, job, who, now, c.state)
    elif job.reservation is not None:
        renew(q, job, job.reservation, now, None)
    if c.expires_at is not None:
        expires_at = c.expires_at or None
    if expires_at is not None or job.rare is not None:  # a reset took it away
        q.rare(job).expires_at = expires_at
    q.set_alarm(job, next_deadline(job))
    job.updated_at = now
    q.touched[job.seq] = job
    return OK


def _is_late(job: Job, now: float) -> bool:
    expires_at = None if job.rare is None else job.rare.expires_at
    return expires_at is not None and expires_at <= now and job.state <= JobState.READY


def _carry(q: QueueCore, job: Job, payload: bytes) -> None:
    q.drop_payload(job)
    job.payload = payload
    q.storage.used += len(payload)
    q.bodies[job.seq] = job


def _place(q: QueueCore, job: Job, priority: int) -> None:
    if job.state is JobState.READY:
        q.ready.left(job)
    job.priority = priority
    if job.state is JobState.READY:
        q.ready.push(job)
        q.events.append(job.type)


def _put(q: QueueCore, job: Job, who: Caller, now: float, state: str) -> None:
    """A walk over the table of moves, so counters and order stay what they are for everybody."""
    hold = job.reservation
    if hold is not None and state == "reserved":
        say_started(q, job, hold, now)
        return
    if hold is None:
        bring_back(q, job, now)
    else:
        another = isinstance(hold.peer, Peer) and hold.peer is not who.peer
        if another or state == "ready":
            _take_away(q, job, now, taken=another)
    if state == "ready":
        return
    if job.reservation is None:
        grant(q, who, job, now)
    assert job.reservation is not None
    if state == "reserved":
        say_started(q, job, job.reservation, now)
    elif state == "done":
        ending.finish(q, job, now)
    else:
        ending.fail(q, job, now)


def _take_away(q: QueueCore, job: Job, now: float, *, taken: bool) -> None:
    """End a hold untried. A connection that holds the job is told, if it can be."""
    rare = q.rare(job)
    rare.releases += 1
    rare.streak = 0
    unhold(q, job, now, "released", taken=taken)
    job.attempts -= 1
    job.ready_at = now
    move(q, job, Cause.RELEASED, JobState.READY, now)
