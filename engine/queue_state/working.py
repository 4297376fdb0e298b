"""What those who work jobs off may say. A holder's word counts only for its live reservation."""

from math import inf
from typing import Final

from attrs import evolve

from engine.access import Caller, Right, authorize
from engine.commands import Checkpoint, Done, Fail, Log, Progress, Release, Report, Started, Touch
from engine.events import What
from engine.job import Job, Reservation
from engine.queue_state import ending
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import LOST, UNKNOWN, details_of, held_by, note, renew, to_tail
from engine.queue_state.overriding import force
from engine.replies import OK, Code, Refused, Reply, ReplyTo

NOTE_MAX: Final = 1_000
"""Characters kept of the note beside a progress."""


def started(q: QueueCore, c: Started, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Work began; the lease starts anew."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    return say_started(q, *found, now)


def say_started(q: QueueCore, job: Job, hold: Reservation, now: float) -> Reply:
    """The holder said in-progress, the first time or again."""
    hold.started = True
    job.started_at = job.updated_at = now
    if q.storage.heard:
        q.news.job(job, What.STARTED, now)
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
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, _ = found
    if c.result is not None:
        details = details_of(job)
        note(q, job, evolve(details, result=c.result, result_type=c.result_type))
    ending.finish(q, job, now)
    return OK


def fail(q: QueueCore, c: Fail, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Ended badly."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, hold = found
    if c.error or c.error_type or c.trace:
        note(
            q,
            job,
            evolve(
                details_of(job),
                error_type=c.error_type[:200],
                error=c.error[: q.limits.error],
                trace="\n".join(c.trace.split("\n")[-q.limits.trace_lines :])[: q.limits.error],
            ),
        )
    if c.to_tail and hold.cancel_at == inf:
        to_tail(q, job)
    ending.fail(q, job, now, retry=c.retry, delay=c.delay)
    return OK


def release(q: QueueCore, c: Release, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Given back untried."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, _ = found
    ending.release(q, job, now, c.delay)
    return OK


def touch(q: QueueCore, c: Touch, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Alive."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    renew(q, *found, now, c.lease)
    return OK


def progress(q: QueueCore, c: Progress, who: Caller, to: ReplyTo, now: float) -> Reply:
    """How far it is; only the latest is kept."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, hold = found
    rare = q.rare(job)
    rare.progress = c.progress
    rare.note = c.note[:NOTE_MAX]
    if q.storage.heard:
        q.news.job(job, What.PROGRESS, now)
    job.updated_at = now
    q.touched[job.seq] = job
    renew(q, job, hold, now, None)
    return OK


def log(q: QueueCore, c: Log, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One more line; the oldest gives way."""
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, _ = found
    details = details_of(job)
    lines = (*details.log, (now, c.line[: q.limits.log_line]))[-q.limits.log_lines :]
    note(q, job, evolve(details, log=lines))
    return OK


def checkpoint(q: QueueCore, c: Checkpoint, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Bytes for the next attempt; only the latest are kept."""
    if len(c.data) > q.limits.result:
        return Refused(
            Code.PAYLOAD_TOO_LARGE,
            f"the checkpoint has {len(c.data)} bytes; limits.result is {q.limits.result}",
        )
    found = held_by(q, c, who)
    if isinstance(found, Refused):
        return found
    job, hold = found
    note(q, job, evolve(details_of(job), checkpoint=c.data))
    renew(q, job, hold, now, None)
    return OK


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
