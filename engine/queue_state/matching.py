"""Bringing ready jobs and those who wait for them together, in order on both sides."""

from engine.access import Caller
from engine.claim import Claim
from engine.job import Cause, Job, JobState, Reservation
from engine.queue_state.core import MOST_CHANGES, QueueCore
from engine.queue_state.moves import hold, move
from engine.queue_state.view import view
from engine.queue_state.waiting import Waiter
from engine.replies import Granted, Pushed


def settle(q: QueueCore, now: float) -> None:
    """Make every match that the step made possible, up to the bound of a step.

    An event is a type that got a ready job, or somebody who came into line. Whoever waits longest
    for a job of that type is served with the first job that fits him; what was asked about may
    then still be open, so it is asked again until nothing comes of it.
    """
    events = q.events
    if not q.line.waiters:
        events.clear()
    while events and q.changed < MOST_CHANGES:
        if q.paused:
            events.clear()
            return
        event = events.popleft()
        if isinstance(event, Waiter):
            if event.number and _match(q, event, now) and event.number:
                events.appendleft(event)
        elif q.ready.has(event):
            waiter = q.line.first(event)
            if waiter is not None and _match(q, waiter, now):
                events.appendleft(event)


def _match(q: QueueCore, waiter: Waiter, now: float) -> bool:
    """Serve this waiter, or whoever waits longer for the job that fits him; False: nothing fits."""
    while True:
        if not waiter.is_willing():
            q.leave_line(waiter)
            return True
        job = _next_for(q, waiter, now)
        if job is None:
            return False
        first = q.line.first(job.type)
        if first is waiter or first is None:
            break
        waiter = first
    if job.seq == waiter.shuns:  # nothing else fits him: somebody else, if there is
        other = q.line.first(job.type, but=waiter.who.peer)
        if other is not None and other.shuns != job.seq and other.is_willing():
            waiter = other
            job = _next_for(q, waiter, now) or job
    q.leave_line(waiter)
    claim = waiter.claim
    if claim is None or claim.take(q):
        serve(q, waiter, job, now)
    return True


def serve(q: QueueCore, waiter: Waiter, job: Job, now: float) -> None:
    """Hand a ready job to somebody who stood in line."""
    grant(q, waiter.who, job, now, waiter.lease)
    if waiter.to is not None:
        remember_call(q, waiter, (job,))
        q.post(waiter.to, Granted((view(q, job),)))
        return
    peer = waiter.who.peer
    assert peer is not None
    q.post(peer, Pushed(view(q, job)))
    if waiter.is_willing():
        q.line.join(waiter)
        q.events.append(waiter)


def grant(q: QueueCore, who: Caller, job: Job, now: float, lease: float | None = None) -> None:
    """Reserve a ready job for a caller."""
    peer = who.peer
    hold(
        q,
        job,
        Reservation(
            q.source.boot,
            q.source.next_reservation(),
            who.principal.name,
            peer,
            now,
            job.policy.lease if lease is None else lease,
            bound=peer is not None,
            grace=0.0 if peer is None else peer.grace,
        ),
        now,
    )


def remember_call(q: QueueCore, waiter: Waiter, jobs: tuple[Job, ...]) -> None:
    """A call may be cancelled before its answer leaves: know what to take back.

    What a connection reserves goes back with the connection.
    """
    if waiter.to is not None and waiter.who.peer is None and jobs:
        q.calls[id(waiter.to)] = (waiter.to, q.grants[-len(jobs) :])
        q.called.append(id(waiter.to))


def take_now(q: QueueCore, waiter: Waiter, now: float) -> tuple[Job, ...]:
    """Reserve up to the waiter's limit of what is ready at once."""
    jobs: list[Job] = []
    while not q.paused and len(jobs) < waiter.limit:
        job = _next_for(q, waiter, now)
        if job is None:
            break
        if not jobs and isinstance(waiter.to, Claim) and not waiter.to.take(q):
            break
        grant(q, waiter.who, job, now, waiter.lease)
        jobs.append(job)
    return tuple(jobs)


def _next_for(q: QueueCore, waiter: Waiter, now: float) -> Job | None:
    """The first ready job that fits and has not expired.

    The one that the waiter has just let lapse only if no other does.
    """
    while (job := q.ready.head(waiter.types)) is not None:
        rare = job.rare
        if rare is None:
            return job
        if rare.expires_at is not None and rare.expires_at <= now:
            move(q, job, Cause.EXPIRED, JobState.EXPIRED, now)
        elif job.seq == waiter.shuns:
            other = q.ready.head_but(job, waiter.types)
            if other is None or not _expired(q, other, now):
                return other or job
        else:
            return job
    return None


def _expired(q: QueueCore, job: Job, now: float) -> bool:
    if job.rare is None or job.rare.expires_at is None or job.rare.expires_at > now:
        return False
    move(q, job, Cause.EXPIRED, JobState.EXPIRED, now)
    return True
