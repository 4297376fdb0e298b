"""Jobs and access that another server kept, taken over."""

from collections import OrderedDict
from collections.abc import Sequence

from engine.access import Caller
from engine.commands import Adopt, AdoptedJob, SetAccess
from engine.commands.fields import is_name
from engine.job import TERMINAL, Details, Job, JobState, OnLapse, Rare, Reservation
from engine.queue_access import QueueAccess
from engine.queue_state.core import QueueCore
from engine.queue_state.moves import add, remove
from engine.queue_state.publishing import DRAINING
from engine.queue_state.working import NOTE_MAX
from engine.replies import OK, Adopted, Code, Refused, Reply, ReplyTo

_INVALID_NAME = Refused(Code.INVALID_NAME)


def set_access(q: QueueCore, c: SetAccess, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Say who may use the queue; a key is kept as its fingerprint only."""
    if not all(map(is_name, (*(c.readers or ()), *(c.writers or ())))):
        return _INVALID_NAME
    if c.new and q.exists:
        return Refused(Code.ALREADY_EXISTS)
    old = q.access
    key = old.key
    if c.key_sha512 is not None:
        key = q.storage.fingerprint(c.key_sha512) if c.key_sha512 else None
    access = QueueAccess(
        key,
        old.readers if c.readers is None else c.readers,
        old.writers if c.writers is None else c.writers,
        old.declared if c.declared is None else c.declared,
    )
    if access != old or not q.exists:
        q.make(now)
        q.access = access
        q.keep_queue()
    return OK


def adopt(q: QueueCore, c: Adopt, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Take over those whose ids the group does not have; all are fit, or none comes.

    What is over its time already comes all the same, and goes as what is due goes.
    """
    refusal = q.storage.refusing or (DRAINING if q.draining else None)
    if refusal is not None:
        return refusal
    for number, new in enumerate(c.jobs):
        refusal = _check(q, new)
        if refusal is not None:
            return Refused(refusal.code, f"job {number} of {len(c.jobs)}: {refusal.sentence}")
    q.make(now)
    added: list[Job] = []
    for new in c.jobs:
        if new.id not in q.ids and not q.neighbours.have(new.id):
            job = _job(q, new, who, now)
            _add(q, job, now)
            added.append(job)
    order_done(q, added, now)
    return Adopted(len(added), len(c.jobs) - len(added))


def _check(q: QueueCore, new: AdoptedJob) -> Refused | None:
    if not is_name(new.id) or (new.type and not is_name(new.type)):
        return _INVALID_NAME
    limits = q.limits
    bounds = ("payload", limits.payload), ("result", limits.result), ("checkpoint", limits.result)
    for what, bound in bounds:
        size = len(getattr(new, what) or b"")
        if size > bound:
            name = "payload" if what == "payload" else "result"
            return Refused(
                Code.PAYLOAD_TOO_LARGE, f"the {what} has {size} bytes; limits.{name} is {bound}"
            )
    return None


def _job(q: QueueCore, new: AdoptedJob, who: Caller, now: float) -> Job:
    ready_at = new.created_at if new.ready_at is None else new.ready_at
    job = Job(
        new.id, q.source.next_seq(), new.type, new.payload, new.state, new.priority, new.policy,
        ready_at, new.created_at, new.updated_at, new.attempts, new.failures,
        started_at=new.started_at, history=new.history[-q.limits.history :], rare=_rare(q, new),
    )  # fmt: skip
    if new.state in TERMINAL:
        job.finished_at = new.updated_at if new.finished_at is None else new.finished_at
        job.done_at = job.finished_at if new.state is JobState.DONE else None
    elif new.state is JobState.RESERVED:
        _settle_held(q, job, who, now)
    if job.state <= JobState.READY:
        job.state = JobState.SCHEDULED if job.ready_at > now else JobState.READY
    return job


def _settle_held(q: QueueCore, job: Job, who: Caller, now: float) -> None:
    """Its holder cannot speak to us.

    It is as if given back; but one that must not run twice is held by whoever brings it, for a
    lease, and then fails as it would have there.
    """
    if job.policy.on_lapse is OnLapse.RETRY:
        job.state = JobState.READY
        job.ready_at = min(job.ready_at, now)
        if job.attempts:
            job.attempts -= 1
            q.rare(job).releases += 1
        return
    job.attempts = max(1, job.attempts)
    source = q.source
    job.reservation = Reservation(
        source.boot, source.next_reservation(), who.principal.name, None, now, job.policy.lease,
        started=True,
    )  # fmt: skip
    q.grants.append((job.seq, job.reservation.number))


def _rare(q: QueueCore, new: AdoptedJob) -> Rare | None:
    details = _details(q, new)
    rare = Rare(
        new.expires_at,
        new.content_type,
        new.unique_key,
        new.unique_scope if new.unique_key else "",
        lapses=new.lapses,
        disconnects=new.disconnects,
        releases=new.releases,
        resets=new.resets,
        reason=new.reason,
        progress=new.progress,
        note=new.note[:NOTE_MAX],
        noted=details is not None,
        details=details,
    )
    counted = new.lapses or new.disconnects or new.releases or new.resets
    special = new.expires_at is not None or new.content_type or new.unique_key or new.reason
    told = new.progress is not None or new.note or details is not None
    return rare if counted or special or told else None


def _details(q: QueueCore, new: AdoptedJob) -> Details | None:
    bound = q.limits.error
    trace = "\n".join(new.trace.split("\n")[-q.limits.trace_lines :])[:bound]
    longest = q.limits.log_line
    log = tuple((at, line[:longest]) for at, line in new.log[-q.limits.log_lines :])
    details = Details(
        new.result, new.error_type[:200], new.error[:bound], trace,
        log, new.checkpoint, new.result_type,
    )  # fmt: skip
    return None if details == Details() else details


def _add(q: QueueCore, job: Job, now: float) -> None:
    add(q, job)
    seq = job.seq
    q.touched[seq] = job
    q.bodies[seq] = job
    if job.rare is not None and job.rare.details is not None:
        q.details[seq] = job
    q.born.append(job.id)
    if q.storage.heard:
        q.news.published(job, now)
    q.cleared["jobs"] = False


def order_done(q: QueueCore, new: Sequence[Job], now: float) -> None:
    """Those that came in done stand among the others in the order of finishing; the oldest go."""
    done = [job for job in new if job.state is JobState.DONE]
    if not done:
        return
    done += [q.jobs[seq] for seq in q.done_order]
    done.sort(key=lambda job: (job.finished_at, job.seq))
    q.done_order = OrderedDict.fromkeys(job.seq for job in done)
    for job in done[: max(0, len(done) - q.limits.keep_done_count)]:
        remove(q, job, now)
