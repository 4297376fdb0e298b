"""A hold: whose it is, how it is renewed, and what is kept of it. Only the live one counts."""

from math import inf

from engine.access import Caller, Peer
from engine.commands import Checkpoint, Done, Fail, Log, Progress, Release, Started, Touch
from engine.job import Details, Job, Reservation
from engine.queue_state.core import QueueCore
from engine.queue_state.moves import drop_hold, has_details, next_deadline, note_unique, take_hold
from engine.replies import Code, Refused

LOST = Refused(Code.RESERVATION_LOST)
UNKNOWN = Refused(Code.UNKNOWN_JOB)
Holding = Started | Done | Fail | Release | Touch | Progress | Log | Checkpoint
Held = tuple[Job, Reservation]


def held_by(q: QueueCore, c: Holding, who: Caller) -> Held | Refused:
    """The job and its live reservation, if the caller holds it; renewed by being spoken of."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    hold = job.reservation
    if hold is None:
        return LOST
    if c.reservation is None:
        if hold.peer is not who.peer or (
            hold.peer is None and (hold.bound or hold.principal != who.principal.name)
        ):
            return LOST
    elif c.reservation != hold.id or hold.principal != who.principal.name:
        return LOST
    elif hold.bound and (hold.peer is None or hold.peer is not who.peer):
        if hold.back_at == inf or who.peer is None:
            return LOST
        _adopt(q, job, hold, who.peer)
    return job, hold


def _adopt(q: QueueCore, job: Job, hold: Reservation, peer: Peer) -> None:
    """The holder came back over a new connection before its grace ended."""
    if isinstance(hold.peer, Peer):
        drop_hold(q, hold.peer, job.seq)
    hold.peer = peer
    hold.back_at = inf
    take_hold(q, peer, job.seq)
    q.adopted[hold.key] = peer


def renew(q: QueueCore, job: Job, hold: Reservation, now: float, lease: float | None) -> None:
    """Start the lease anew; not written, since a restart renews every lease anyway."""
    if lease is not None:
        hold.lease = lease
    if hold.durable:
        hold.lease_until = now + hold.lease
        q.set_alarm(job, next_deadline(job))


def to_tail(q: QueueCore, job: Job) -> None:
    """Give a held job a new seq: its rows move with it.

    A payload that is on disk only cannot move: such a job keeps its place.
    """
    old = job.seq
    payload = job.payload
    if payload is None:
        return
    hold = job.reservation
    del q.jobs[old]
    if job.alarm != inf:
        q.alarms.live -= 1
        job.alarm = inf
    job.seq = q.source.next_seq()
    q.jobs[job.seq] = job
    q.order.add(job.seq)
    q.touched.pop(old, None)
    q.bodies.pop(old, None)
    q.details.pop(old, None)
    q.removed[old] = has_details(job)
    q.bodies[job.seq] = job
    if job.rare is not None and job.rare.details is not None:
        q.details[job.seq] = job
    if job.rare is not None and job.rare.recurrence:
        made = q.recurrences.get(job.rare.recurrence)
        if made is not None:
            made.open.discard(old)
            made.open.add(job.seq)
    if job.rare is not None and job.rare.unique_key:
        q.uniques[job.rare.unique_key].pop(old, None)
        note_unique(q, job)
    if hold is not None and isinstance(hold.peer, Peer):
        drop_hold(q, hold.peer, old)
        take_hold(q, hold.peer, job.seq)


def note(q: QueueCore, job: Job, details: Details) -> None:
    """Keep details of a job; written with this step."""
    rare = q.rare(job)
    rare.details = details
    rare.noted = True
    q.touched[job.seq] = job
    q.details[job.seq] = job


def details_of(job: Job) -> Details:
    """What is known of a live job beyond its rows; empty when nothing is."""
    return Details() if job.rare is None or job.rare.details is None else job.rare.details
