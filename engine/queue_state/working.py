"""What those who work jobs off may say. A holder's word counts only for its live reservation."""

from math import inf

from attrs import evolve

from engine.access import Caller, Peer, Right, authorize
from engine.commands import (
    Done,
    Fail,
    Log,
    Progress,
    Release,
    Report,
    Reserve,
    Started,
    Subscribe,
    Touch,
    Unsubscribe,
)
from engine.job import Details, Job, Reservation
from engine.queue_state import ending
from engine.queue_state.core import QueueCore
from engine.queue_state.matching import remember_call, take_now
from engine.queue_state.moves import (
    drop_hold,
    forget_unique,
    freed,
    next_deadline,
    take_hold,
)
from engine.queue_state.overriding import force
from engine.queue_state.waiting import Waiter
from engine.queue_state.alarms import AlarmKind
from engine.replies import OK, Code, Granted, Refused, Reply, ReplyTo
from engine.queue_state.view import view

LOST = Refused(Code.RESERVATION_LOST)
UNKNOWN = Refused(Code.UNKNOWN_JOB)
Held = tuple[Job, Reservation]


def held_by(q: QueueCore, c: "Holding", who: Caller, now: float) -> Held | Refused:
    """The job and its live reservation, if the caller holds it; renewed by being spoken of."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    hold = job.reservation
    if hold is None:
        return LOST
    if c.reservation is None:
        if hold.peer is not who.peer or (
            hold.peer is None and hold.principal != who.principal.name
        ):
            return LOST
    elif c.reservation != hold.id or hold.principal != who.principal.name:
        return LOST
    elif hold.bound and hold.peer is not who.peer:
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


def renew(q: QueueCore, job: Job, hold: Reservation, now: float, lease: float | None) -> None:
    """Start the lease anew; not written, since a restart renews every lease anyway."""
    if lease is not None:
        hold.lease = lease
    if hold.durable:
        hold.lease_until = now + hold.lease
        q.set_alarm(job, next_deadline(q, job))


Holding = Started | Done | Fail | Release | Touch | Progress | Log


def started(q: QueueCore, c: Started, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Work began; the lease starts anew."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    return say_started(q, *found, now)


def say_started(q: QueueCore, job: Job, hold: Reservation, now: float) -> Reply:
    """The holder said in-progress, the first time or again."""
    hold.started = True
    job.started_at = job.updated_at = now
    q.touched[job.seq] = job
    renew(q, job, hold, now, None)
    return OK


def done(q: QueueCore, c: Done, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Ended well."""
    if c.result is not None and len(c.result) > q.limits.result:
        return Refused(
            Code.PAYLOAD_TOO_LARGE,
            f"the result has {len(c.result)} bytes; limits.result is {q.limits.result}",
        )
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    job, _ = found
    if c.result is not None:
        note(q, job, evolve(_details(job), result=c.result))
    ending.finish(q, job, now)
    return OK


def fail(q: QueueCore, c: Fail, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Ended badly."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    job, hold = found
    if c.error or c.error_type or c.trace:
        note(
            q,
            job,
            evolve(
                _details(job),
                error_type=c.error_type[:200],
                error=c.error[: q.limits.error],
                trace="\n".join(c.trace.split("\n")[-q.limits.trace_lines :])[: q.limits.error],
            ),
        )
    if c.to_tail and hold.cancel_at == inf:
        _to_tail(q, job)
    ending.fail(q, job, now, retry=c.retry, delay=c.delay)
    return OK


def _to_tail(q: QueueCore, job: Job) -> None:
    """Give a held job a new seq: its rows move with it."""
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
    q.touched.pop(old, None)
    q.bodies.pop(old, None)
    q.details.pop(old, None)
    q.removed[old] = None
    q.bodies[job.seq] = job
    if job.rare is not None and job.rare.details is not None:
        q.details[job.seq] = job
    if job.rare is not None and job.rare.unique_key:
        forget_unique(q, job.rare.unique_key, old)
        q.uniques.setdefault(job.rare.unique_key, {})[job.seq] = None
    if hold is not None and isinstance(hold.peer, Peer):
        drop_hold(q, hold.peer, old)
        take_hold(q, hold.peer, job.seq)


def release(q: QueueCore, c: Release, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Given back untried."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    job, _ = found
    ending.release(q, job, now, c.delay)
    return OK


def touch(q: QueueCore, c: Touch, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Alive."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    renew(q, *found, now, c.lease)
    return OK


def progress(q: QueueCore, c: Progress, who: Caller, to: ReplyTo, now: float) -> Reply:
    """How far it is; only the latest is kept."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    job, hold = found
    rare = q.rare(job)
    rare.progress = c.progress
    rare.note = c.note[:1000]
    job.updated_at = now
    q.touched[job.seq] = job
    renew(q, job, hold, now, None)
    return OK


def log(q: QueueCore, c: Log, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One more line; the oldest gives way."""
    found = held_by(q, c, who, now)
    if isinstance(found, Refused):
        return found
    job, _ = found
    details = _details(job)
    lines = (*details.log, (now, c.line[: q.limits.log_line]))[-q.limits.log_lines :]
    note(q, job, evolve(details, log=lines))
    return OK


def note(q: QueueCore, job: Job, details: Details) -> None:
    """Keep details of a job; written with this step."""
    rare = q.rare(job)
    rare.details = details
    rare.noted = True
    q.touched[job.seq] = job
    q.details[job.seq] = job


def _details(job: Job) -> Details:
    return Details() if job.rare is None or job.rare.details is None else job.rare.details


def report(q: QueueCore, c: Report, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Started, done or failed without a reservation to name: by the holder, else as override."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if c.state not in {"in-progress", "done", "errored"}:
        return Refused(Code.UNKNOWN_STATE)
    hold = job.reservation
    if hold is not None:
        mine = (
            hold.peer is who.peer
            if hold.peer is not None
            else (not hold.bound and hold.principal == who.principal.name)
        )
        if not mine:
            return LOST
    elif not authorize(who, Right.MANAGE):
        return Refused(Code.FORBIDDEN)
    else:
        force(
            q, job, who, now, {"in-progress": "reserved", "errored": "failed"}.get(c.state, "done")
        )
        hold = job.reservation
        if c.state != "in-progress" or hold is None:
            return OK
    match c.state:
        case "in-progress":
            return say_started(q, job, hold, now)
        case "done":
            ending.finish(q, job, now)
        case _:
            ending.fail(q, job, now)
    return OK


def subscribe(q: QueueCore, c: Subscribe, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Jobs are pushed from now on; a second time changes types and credit only."""
    peer = who.peer
    if peer is None:
        return Refused(Code.FORBIDDEN, "only a connection can subscribe")
    q.make(now)
    types = tuple(dict.fromkeys(c.types))
    peer.owes = False
    waiter = q.subscriptions.get(peer)
    q.before.setdefault(peer, None if waiter is None else (waiter.who, waiter.types, waiter.credit))
    if waiter is None:
        waiter = q.subscriptions[peer] = Waiter(who, types, credit=c.credit)
        waiter.held.update(q.held.get(peer, {}))
        q.cleared["workers"] = False
    elif (waiter.types, waiter.credit) != (types, c.credit):
        q.leave_line(waiter)
        waiter.types = types
        waiter.credit = c.credit
    waiter.who = who
    freed(q, peer)
    return OK


def unsubscribe(q: QueueCore, c: Unsubscribe, who: Caller, to: ReplyTo, now: float) -> Reply:
    """No more pushes; what is in hand stays."""
    if who.peer is not None:
        drop_subscription(q, who.peer)
    return OK


def drop_subscription(q: QueueCore, peer: Peer) -> None:
    """Forget a subscription, if there is one."""
    waiter = q.subscriptions.pop(peer, None)
    if waiter is not None:
        q.before.setdefault(peer, (waiter.who, waiter.types, waiter.credit))
        q.leave_line(waiter)


def reserve(q: QueueCore, c: Reserve, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """Take what is ready; with nothing there, stand in line for as long as asked."""
    q.make(now)
    waiter = Waiter(who, tuple(dict.fromkeys(c.types)), to, c.limit, c.lease)
    if waiter.claim is not None and waiter.claim.taken:
        return None
    jobs = take_now(q, waiter, now)
    if jobs or not c.wait:
        remember_call(q, waiter, jobs)
        return Granted(tuple(view(q, job) for job in jobs))
    waiter.deadline = now + c.wait
    q.line.join(waiter)
    q.alarms.set(waiter.deadline, AlarmKind.WAITER, waiter.number)
    return None
