"""The only code that changes a job's state, and what every change of state entails."""

from math import inf

from engine.access import Peer
from engine.job import MOVES, TERMINAL, Cause, Job, JobState, Rare, Reservation
from engine.queue_state.core import QueueCore
from engine.queue_state.watching import tell, tell_gone
from engine.replies import CancelAsked

SCHEDULED, READY, RESERVED = JobState.SCHEDULED, JobState.READY, JobState.RESERVED
DONE, FAILED = JobState.DONE, JobState.FAILED


def move(q: QueueCore, job: Job, cause: Cause, to: JobState, now: float) -> None:
    """Make one legal move: state, counters, order, clock, and the row to be kept."""
    was = job.state
    assert (was, cause, to) in MOVES, (was, cause, to)
    if was is READY:
        q.ready.left(job)
    elif was is DONE:
        q.done_order.pop(job.seq, None)
    counts, kinds = q.counts, q.types[job.type]
    counts[was] -= 1
    kinds[was] -= 1
    counts[to] += 1
    kinds[to] += 1
    job.state = to
    job.updated_at = now
    q.touched[job.seq] = job
    if q.storage.heard:
        q.news.moved(job, was, cause, now)
    if to is READY:
        job.ready_at = min(job.ready_at, now)
        _offer(q, job)
    elif to in TERMINAL:
        _end(q, job, to, now)
    rare = job.rare
    if rare is not None:
        _note_rare(q, job, rare)
    if to is not RESERVED:  # whose clocks start once that is durable
        at = next_deadline(job)
        if at < job.alarm:
            q.set_alarm(job, at)
    while len(q.done_order) > q.limits.keep_done_count:
        remove(q, q.jobs[next(iter(q.done_order))], now)


def _offer(q: QueueCore, job: Job) -> None:
    """A job became ready; who comes into line later looks for it."""
    q.ready.push(job)
    if q.line.waiters:
        q.events.append(job.type)


def _end(q: QueueCore, job: Job, to: JobState, now: float) -> None:
    job.finished_at = now
    q.counters.end(job.type, to)
    if to is DONE:
        job.done_at = now
        q.finished += 1
        q.done_order[job.seq] = None
    if q.watchers:
        tell(q, job)
    if job.seq not in q.bodies:
        q.drop_payload(job)


def add(q: QueueCore, job: Job) -> None:
    """Take a new or loaded job in: indexes and counters, no row."""
    q.jobs[job.seq] = job
    q.order.add(job.seq)
    q.ids[job.id] = job
    kinds = q.types.get(job.type)
    if kinds is None:
        kinds = q.types[job.type] = [0] * len(q.counts)
    kinds[job.state] += 1
    q.counts[job.state] += 1
    if job.payload is not None:
        q.storage.used += len(job.payload)
    rare = job.rare
    if rare is not None:
        _note_rare(q, job, rare)
    if job.state is READY:
        _offer(q, job)
    at = next_deadline(job)
    if at < inf:
        q.set_alarm(job, at)


def remove(q: QueueCore, job: Job, now: float) -> None:
    """Let a job go for good, whatever its state."""
    if q.storage.heard:
        q.news.removed(job, now)
    if job.reservation is not None:
        unhold(q, job, now, "removed", taken=True)
    forget(q, job)
    q.removed[job.seq] = has_details(job)
    if q.watchers:
        tell_gone(q, job)


def has_details(job: Job) -> bool:
    """Whether there may be a row of details of it."""
    return job.rare is not None and job.rare.noted


def forget(q: QueueCore, job: Job) -> None:
    """Take a job that nobody holds out of every index and counter; its rows are not seen to."""
    if job.state is READY:
        q.ready.left(job)
    q.done_order.pop(job.seq, None)
    kinds = q.types[job.type]
    kinds[job.state] -= 1
    q.counts[job.state] -= 1
    if not any(kinds):
        del q.types[job.type]
    del q.jobs[job.seq], q.ids[job.id]
    if job.alarm != inf:
        q.alarms.live -= 1
        job.alarm = inf
    rare = job.rare
    if rare is not None and rare.unique_key:
        note_unique(q, job)
    if rare is not None and rare.recurrence:
        note_open(q, job)
    if job.payload is not None:
        q.storage.used -= len(job.payload)
    q.touched.pop(job.seq, None)
    q.bodies.pop(job.seq, None)
    q.details.pop(job.seq, None)
    q.gone_ids.append(job.id)
    q.cleared["jobs"] = False


def _note_rare(q: QueueCore, job: Job, rare: Rare) -> None:
    if rare.unique_key:
        note_unique(q, job)
    if rare.recurrence:
        note_open(q, job)


def note_open(q: QueueCore, job: Job) -> None:
    """Tell the recurrence that made the job whether it is over."""
    assert job.rare is not None
    made = q.recurrences.get(job.rare.recurrence)
    if made is None:
        return
    if job.state in TERMINAL or job.seq not in q.jobs:
        made.open.discard(job.seq)
    else:
        made.open.add(job.seq)


def note_unique(q: QueueCore, job: Job) -> None:
    """Have a job among those of its unique key for as long as its scope may say that it counts."""
    rare = job.rare
    assert rare is not None
    seqs = q.uniques.setdefault(rare.unique_key, {})
    counts = job.state not in TERMINAL or not isinstance(rare.unique_scope, str)
    if counts and job.seq in q.jobs:
        seqs[job.seq] = None
    else:
        seqs.pop(job.seq, None)
        if not seqs:
            del q.uniques[rare.unique_key]


def next_deadline(job: Job) -> float:
    """When time alone changes this job next; `inf`: never."""
    state = job.state
    rare = job.rare
    expires = inf if rare is None or rare.expires_at is None else rare.expires_at
    if state is READY:
        return expires
    if state is RESERVED:
        hold = job.reservation
        assert hold is not None
        return min(hold.lease_until, hold.run_until, hold.back_at, hold.cancel_at)
    return min(job.ready_at, expires) if state is SCHEDULED else kept_until(job)


def kept_until(job: Job) -> float:
    """When a job that is over is forgotten."""
    assert job.finished_at is not None
    policy = job.policy
    keep = policy.keep_failed if job.state is FAILED else policy.keep_done
    until = job.finished_at + keep
    rare = job.rare
    if rare is not None and rare.forget_at is not None:
        until = min(until, rare.forget_at)
    if rare is not None and rare.unique_key and not isinstance(rare.unique_scope, str):
        until = max(until, job.created_at + rare.unique_scope)
    return until


def hold(q: QueueCore, job: Job, grant: Reservation, now: float) -> None:
    """Reserve a ready job; its attempt is counted with the row, before anybody sees it."""
    job.reservation = grant
    job.attempts += 1
    peer = grant.peer
    if isinstance(peer, Peer):
        take_hold(q, peer, job.seq)
    q.counters.waiting.note(now - job.ready_at)
    move(q, job, Cause.GRANTED, RESERVED, now)
    q.grants.append((job.seq, grant.number))


def unhold(q: QueueCore, job: Job, now: float, how: str, *, taken: bool = False) -> None:
    """End the live reservation; the state is moved by the caller.

    With `taken`, the job went away under a holder that did not ask: one that reads a line per
    command is not offered another job until it has spoken.
    """
    grant = job.reservation
    assert grant is not None
    job.reservation = None
    q.counters.running.note(now - grant.since)
    entry = (grant.principal, grant.since, now, how)
    job.history = (*job.history, entry)[-q.limits.history :]
    peer = grant.peer
    if not isinstance(peer, Peer):
        return
    drop_hold(q, peer, job.seq)
    if taken and peer.single:
        peer.owes = True
    elif taken and peer.told:
        q.post(peer, CancelAsked(job.id, grant.id))
    freed(q, peer)


def take_hold(q: QueueCore, peer: Peer, seq: int) -> None:
    """A job is in a connection's hand."""
    q.held.setdefault(peer, {})[seq] = None
    peer.holding += 1
    waiter = q.subscriptions.get(peer)
    if waiter is not None:
        waiter.held[seq] = None


def drop_hold(q: QueueCore, peer: Peer, seq: int) -> None:
    """A job is in a connection's hand no more."""
    peer.holding -= 1
    mine = q.held[peer]
    del mine[seq]
    if not mine:
        del q.held[peer]
    waiter = q.subscriptions.get(peer)
    if waiter is not None:
        waiter.held.pop(seq, None)


def freed(q: QueueCore, peer: Peer) -> None:
    """A peer may take another job: here, and where else it is subscribed."""
    waiter = q.subscriptions.get(peer)
    if waiter is not None and not waiter.number and waiter.is_willing():
        q.line.join(waiter)
        q.events.append(waiter)
    if peer.single and len(peer.queues) > 1:
        q.freed.append(peer)


def to_ready(q: QueueCore, job: Job, cause: Cause, now: float, delay: float = 0.0) -> None:
    """Put a job that is no longer held back in line, at its own place, now or after a delay."""
    if delay > 0:
        job.ready_at = now + delay
        move(q, job, cause, SCHEDULED, now)
    else:
        job.ready_at = now
        move(q, job, cause, READY, now)
