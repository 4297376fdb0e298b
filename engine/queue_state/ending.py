"""How a hold ends: well, badly, given back, by silence, by a lost connection, by cancellation."""

from math import inf

from engine.access import Peer
from engine.job import Cause, Job, JobState, OnLapse
from engine.queue_state.core import QueueCore
from engine.queue_state.moves import move, to_ready, unhold


def finish(q: QueueCore, job: Job, now: float) -> None:
    """The holder said done."""
    _calm(job)
    hold = job.reservation
    if hold is not None and isinstance(hold.peer, Peer):
        hold.peer.finished += 1
    unhold(q, job, now, "done")
    move(q, job, Cause.FINISHED, JobState.DONE, now)


def fail(
    q: QueueCore,
    job: Job,
    now: float,
    *,
    retry: bool = True,
    delay: float | None = None,
    how: str = "failed",
    cause: Cause = Cause.ERRORED,
) -> None:
    """An attempt failed: again after the backoff, or over when told so or attempts are used up."""
    if cancel_asked(q, job, now):
        return
    _calm(job)
    unhold(q, job, now, how)
    job.failures += 1
    spent = job.attempts - (job.rare.spent if job.rare is not None else 0)
    limit = job.policy.max_attempts
    if retry and (limit is None or spent < limit):
        wait = (
            job.policy.backoff.delay(max(1, spent), q.source.spread()) if delay is None else delay
        )
        to_ready(q, job, cause, now, wait)
    else:
        q.rare(job).reason = "attempts" if retry else "told"
        move(q, job, cause, JobState.FAILED, now)


def release(q: QueueCore, job: Job, now: float, delay: float = 0.0, how: str = "released") -> None:
    """Given back untried: the attempt moves to `releases`."""
    if cancel_asked(q, job, now):
        return
    _calm(job)
    unhold(q, job, now, how)
    job.attempts -= 1
    q.rare(job).releases += 1
    to_ready(q, job, Cause.RELEASED, now, delay)


def lapse(q: QueueCore, job: Job, now: float) -> None:
    """The holder was silent for a lease: the attempt moves to `lapses`."""
    if cancel_asked(q, job, now):
        return
    hold = job.reservation
    assert hold is not None
    rare = q.rare(job)
    rare.lapses += 1
    if isinstance(hold.peer, Peer) and (waiter := q.subscriptions.get(hold.peer)) is not None:
        waiter.shuns = job.seq
    job.attempts -= 1
    unhold(q, job, now, "lapsed")
    if job.policy.on_lapse is OnLapse.FAIL:
        rare.reason = "lapsed"
        move(q, job, Cause.LAPSED, JobState.FAILED, now)
        return
    if job.policy.lapses_count:
        rare.streak += 1
    if rare.streak >= q.limits.quarantine:
        _quarantine(q, job, now)
    else:
        to_ready(q, job, Cause.LAPSED, now)


def disconnect(q: QueueCore, job: Job, now: float) -> None:
    """The connection went and did not come back: the attempt moves to `disconnects`."""
    if cancel_asked(q, job, now):
        return
    rare = q.rare(job)
    rare.disconnects += 1
    rare.streak += 1
    job.attempts -= 1
    unhold(q, job, now, "disconnected")
    if rare.streak >= q.limits.quarantine:
        _quarantine(q, job, now)
    else:
        to_ready(q, job, Cause.DISCONNECTED, now)


def cancel_asked(q: QueueCore, job: Job, now: float) -> bool:
    """A held job that was canceled meanwhile ends so, however its hold ends but by done."""
    hold = job.reservation
    assert hold is not None
    if hold.cancel_at == inf:
        return False
    cancel(q, job, now)
    return True


def cancel(q: QueueCore, job: Job, now: float, *, taken: bool = False) -> None:
    """Over by request. `taken`: the holder did not agree to it yet."""
    if job.reservation is not None:
        unhold(q, job, now, "canceled", taken=taken)
    move(q, job, Cause.CANCELED, JobState.CANCELED, now)


def _quarantine(q: QueueCore, job: Job, now: float) -> None:
    q.rare(job).reason = "quarantined"
    move(q, job, Cause.QUARANTINED, JobState.FAILED, now)


def _calm(job: Job) -> None:
    if job.rare is not None:
        job.rare.streak = 0
