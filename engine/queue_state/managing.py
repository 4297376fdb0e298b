"""What those who look after queues and jobs may do."""

from collections.abc import Iterator

from engine.access import Caller, Peer, Right, authorize
from engine.commands import (
    Cancel,
    Delete,
    DeleteQueue,
    Drain,
    Edit,
    Kick,
    KickAll,
    Override,
    Pause,
    Purge,
    Reset,
    Resume,
    RetryNow,
)
from engine.events import What
from engine.job import TERMINAL, Cause, Job, JobState
from engine.queue_access import NO_ACCESS
from engine.queue_state import ending
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import LOST, UNKNOWN
from engine.queue_state.moves import move, remove
from engine.queue_state.overriding import bring_back, force
from engine.queue_state.recurring import arm_all, drop_one
from engine.queue_state.taking import drop_subscription
from engine.replies import OK, CancelAsked, Code, Refused, Reply, ReplyTo

WRONG_STATE = Refused(Code.WRONG_STATE)
CHANGED = Refused(Code.WRONG_STATE, "the job was changed since then")


def cancel(q: QueueCore, c: Cancel, who: Caller, to: ReplyTo, now: float) -> Reply:
    """At once, or when the holder that can be told had its grace."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if job.state in TERMINAL:
        return WRONG_STATE
    hold = job.reservation
    if hold is None or not isinstance(hold.peer, Peer) or not hold.peer.told:
        ending.cancel(q, job, now, taken=hold is not None)
        return OK
    if hold.cancel_at == float("inf"):
        hold.cancel_at = now + q.limits.cancel_grace
        q.touched[job.seq] = job
        q.set_alarm(job, hold.cancel_at)
        q.post(hold.peer, CancelAsked(job.id, hold.id))
    return OK


def reset(q: QueueCore, c: Reset, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Back to ready, from the end only."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if job.state not in TERMINAL:
        return WRONG_STATE
    bring_back(q, job, now)
    return OK


def delete(q: QueueCore, c: Delete, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Gone for good."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    hold = job.reservation
    mine = hold is not None and hold.peer is who.peer and hold.principal == who.principal.name
    if not mine and not authorize(who, Right.MANAGE):
        return Refused(Code.FORBIDDEN)
    remove(q, job, now)
    return OK


def override(q: QueueCore, c: Override, who: Caller, to: ReplyTo, now: float) -> Reply:
    """In one step; nobody overrides another's live reservation."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if job.reservation is not None:
        return LOST
    force(q, job, who, now, c.state)
    return OK


def edit(q: QueueCore, c: Edit, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Change what waits."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if job.state > JobState.READY:
        return WRONG_STATE
    if c.updated_at is not None and c.updated_at != job.updated_at:
        return CHANGED
    if c.payload is not None and len(c.payload) > q.limits.payload:
        return Refused(Code.PAYLOAD_TOO_LARGE)
    if c.payload is not None:
        _replace_payload(q, job, c.payload)
    if c.priority is not None and c.priority != job.priority:
        if job.state is JobState.READY:
            q.ready.left(job)
            job.priority = c.priority
            q.ready.push(job)
        job.priority = c.priority
    if c.delay is not None:
        _delay(q, job, c.delay, now)
    job.updated_at = now
    q.touched[job.seq] = job
    if q.storage.heard:
        q.news.job(job, What.EDITED, now)
    return OK


def _delay(q: QueueCore, job: Job, delay: float, now: float) -> None:
    if job.state is JobState.SCHEDULED:
        job.ready_at = now
        move(q, job, Cause.DUE, JobState.READY, now)
    if delay:
        job.ready_at = now + delay
        move(q, job, Cause.DELAYED, JobState.SCHEDULED, now)


def _replace_payload(q: QueueCore, job: Job, payload: bytes) -> None:
    q.drop_payload(job)
    job.payload = payload
    q.storage.used += len(payload)
    q.bodies[job.seq] = job


def pause(q: QueueCore, c: Pause, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Hand out nothing more."""
    q.make(now)
    q.paused = True
    q.paused_by = who.principal.name
    q.keep_queue()
    if q.storage.heard:
        q.news.queue(What.PAUSED, now, who.principal.name)
    return OK


def drain(q: QueueCore, c: Drain, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Take nothing new; schedules rest meanwhile."""
    q.draining = True
    q.drained_by = who.principal.name
    arm_all(q, now)
    q.keep_queue()
    if q.storage.heard:
        q.news.queue(What.DRAINED, now, who.principal.name)
    return OK


def resume(q: QueueCore, c: Resume, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Hand out again, to whoever waited, and take what comes."""
    was_paused, was_draining = q.paused, q.draining
    q.paused = q.draining = False
    q.paused_by = q.drained_by = ""
    if was_draining:
        arm_all(q, now)
    if was_paused:
        wake_all(q)
    if was_paused or was_draining:
        q.keep_queue()
        if q.storage.heard:
            q.news.queue(What.RESUMED, now, who.principal.name)
    return OK


def wake_all(q: QueueCore) -> None:
    """Try every waiter again."""
    q.events.extend(q.line.all())


def purge(q: QueueCore, c: Purge, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """Every job that is there now, in slices."""
    q.start_bulk(_purge(q, now), to)
    return None


def _purge(q: QueueCore, now: float) -> Iterator[Reply | None]:
    for seq in list(q.jobs):
        job = q.jobs.get(seq)
        if job is not None:
            remove(q, job, now)
            yield None
    q.cleared["jobs"] = not q.jobs
    yield OK


def kick_all(q: QueueCore, c: KickAll, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """Nobody is subscribed any more; what they hold comes back."""
    q.start_bulk(_kick_all(q, now), to)
    return None


def _kick_all(q: QueueCore, now: float) -> Iterator[Reply | None]:
    for peer in tuple(q.subscriptions):
        _kick(q, peer, now)
        yield None
    q.cleared["workers"] = not q.subscriptions
    yield OK


def kick(q: QueueCore, c: Kick, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One is subscribed no more."""
    found = [peer for peer in q.subscriptions if peer.address == c.address]
    for peer in found:
        _kick(q, peer, now)
    return OK if found else Refused(Code.UNKNOWN_WORKER)


def _kick(q: QueueCore, peer: Peer, now: float) -> None:
    drop_subscription(q, peer, now)
    for seq in tuple(q.held.get(peer, ())):
        ending.release(q, q.jobs[seq], now, how="kicked")


def delete_queue(
    q: QueueCore, c: DeleteQueue, who: Caller, to: ReplyTo, now: float
) -> Reply | None:
    """The queue with all it has; a queue that somebody uses meanwhile begins anew."""
    for peer in tuple(q.subscriptions):
        drop_subscription(q, peer, now)
    for number in tuple(q.recurrences):
        drop_one(q, number, who, now)
    q.paused = q.draining = False
    q.paused_by = q.drained_by = ""
    q.access = NO_ACCESS
    q.start_bulk(_delete_queue(q, now), to)
    return None


def _delete_queue(q: QueueCore, now: float) -> Iterator[Reply | None]:
    for seq in list(q.jobs):
        job = q.jobs.get(seq)
        if job is not None:
            remove(q, job, now)
            yield None
    if q.is_idle:
        q.unmake()
        if q.storage.heard:
            q.news.queue(What.QUEUE_DELETED, now)
    else:
        q.keep_queue()
    yield OK


def retry_now(q: QueueCore, c: RetryNow, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """Errored jobs need not wait for their time."""
    q.start_bulk(_retry_now(q, now), to)
    return None


def _retry_now(q: QueueCore, now: float) -> Iterator[Reply | None]:
    for seq in list(q.jobs):
        job = q.jobs.get(seq)
        if job is not None and job.state is JobState.SCHEDULED and job.failures:
            bring_back(q, job, now)
            yield None
    yield OK
