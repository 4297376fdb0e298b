"""Jobs come in."""

from math import inf

from engine.access import Caller
from engine.commands import PLAIN, NewJob, Publish, PublishMany, PublishOptions
from engine.commands.fields import is_name
from engine.job import Job, JobState, Rare
from engine.queue_state.core import QueueCore
from engine.queue_state.moves import add
from engine.replies import Code, Published, PublishedMany, Refused, Reply, ReplyTo

DRAINING = Refused(Code.DRAINING)


def publish(q: QueueCore, c: Publish, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Add one job, or find the one that its unique key names."""
    return _check(q, c) or _publish(q, c, now)


def publish_many(q: QueueCore, c: PublishMany, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Add all, or none."""
    for number, job in enumerate(c.jobs):
        refusal = _check(q, job)
        if refusal is not None:
            return Refused(refusal.code, f"job {number} of {len(c.jobs)}: {refusal.sentence}")
    return PublishedMany(tuple(_publish(q, job, now) for job in c.jobs))


def _check(q: QueueCore, c: Publish | NewJob) -> Refused | None:
    if q.storage.refusing is not None:
        return q.storage.refusing
    if q.draining:
        return DRAINING
    if len(c.payload) > q.limits.payload:
        return Refused(
            Code.PAYLOAD_TOO_LARGE,
            f"the payload has {len(c.payload)} bytes; limits.payload is {q.limits.payload}",
        )
    if c.type and c.type not in q.types and not is_name(c.type):
        return Refused(Code.INVALID_NAME)
    return None


def _publish(q: QueueCore, c: Publish | NewJob, now: float) -> Published:
    options = c.options
    if options.unique_key:
        existing = find_unique(q, options.unique_key, now)
        if existing is not None:
            return Published(existing.id, existing=True)
    if not q.number:
        q.make(now)
    job = new_job(q, c.type, c.payload, options, now)
    return Published(job.id)


def find_unique(q: QueueCore, key: str, now: float) -> Job | None:
    """The job that has this key, as long as its scope says so."""
    for seq in q.uniques.get(key, ()):
        job = q.jobs[seq]
        assert job.rare is not None
        match job.rare.unique_scope:
            case "queued":
                held = job.state <= JobState.READY
            case str():
                held = job.state <= JobState.RESERVED
            case window:
                held = now < job.created_at + window
        if held:
            return job
    return None


def _new_id(q: QueueCore, options: PublishOptions, now: float) -> str:
    """Of one layout, whatever version it tells."""
    new = q.source.new_id(now)
    return f"{new[:14]}4{new[15:]}" if options.uuid4 else new


def new_job(q: QueueCore, kind: str, payload: bytes, options: PublishOptions, now: float) -> Job:
    """Make the job and its rows."""
    ready_at = now
    rare = None
    if options is not PLAIN:
        ready_at = max(now + options.delay, options.ready_at or now)
        expires_at = options.expires_at
        if options.time_to_live is not None:
            expires_at = min(now + options.time_to_live, inf if expires_at is None else expires_at)
        if expires_at is not None or options.content_type or options.unique_key:
            rare = Rare(
                expires_at,
                options.content_type,
                options.unique_key,
                options.unique_scope if options.unique_key else "",
            )
    job = Job(
        _new_id(q, options, now),
        q.source.next_seq(),
        kind,
        payload,
        JobState.READY if ready_at <= now else JobState.SCHEDULED,
        options.priority,
        options.policy,
        ready_at,
        now,
        now,
        rare=rare,
    )
    add(q, job)
    q.published += 1
    if q.storage.heard:
        q.news.published(job, now)
    seq = job.seq
    q.touched[seq] = job
    q.bodies[seq] = job
    q.born.append(job.id)
    if q.cleared["jobs"]:
        q.cleared["jobs"] = False
    return job
