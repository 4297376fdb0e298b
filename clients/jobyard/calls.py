"""Every method of the clients, as a pure function that makes a command.

The asynchronous and the blocking client have the same methods because both are made from these.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Unpack

from jobyard import job as values
from jobyard.job import Counts, Job, Page, Published, State
from jobyard.options import NewJob, Options, entry, said
from jobyard.resp import Value
from jobyard.words import Body, Call, anything, body, held, id_of, json, names, nothing, words


def publish(
    queue: str,
    type: str,  # noqa: A002 - the field's name
    payload: Body = b"",
    **options: Unpack[Options],
) -> Call[Published]:
    """Add a job to a queue; the answer has its id. Said twice it adds one job."""
    raw, content_type = body(payload)
    pairs = said(options, content_type)
    named = words("ENQUEUE", queue, type, raw, **pairs, request_id=secrets.token_hex(16))
    return Call(named, _published)


def publish_many(queue: str, jobs: Iterable[NewJob]) -> Call[tuple[Published, ...]]:
    """Add up to 1,000 jobs to a queue, all of them or none; ids in order."""
    bulk = json([entry(job) for job in jobs])
    named = words("ENQUEUE_MANY", queue, bulk, request_id=secrets.token_hex(16))
    return Call(named, _published_many)


def reserve(
    queue: str,
    types: Sequence[str] = (),
    *,
    limit: int = 1,
    wait: float = 0.0,
    lease: float | None = None,
) -> Call[tuple[Job, ...]]:
    """Take up to `limit` jobs, waiting up to `wait` seconds for the first; none: empty."""
    named = words("RESERVE", queue, types=names(types), limit=limit, wait=wait, lease=lease)
    return Call(named, _jobs, wait=wait, takes=True)


def reserve_any(
    queues: Sequence[str],
    types: Sequence[str] = (),
    *,
    limit: int = 1,
    wait: float = 0.0,
    lease: float | None = None,
) -> Call[tuple[Job, ...]]:
    """Take jobs from the first of several queues that has one, waiting up to `wait` seconds."""
    named = words(
        "RESERVE_ANY", names(queues) or [], types=names(types), limit=limit, wait=wait, lease=lease
    )
    return Call(named, _jobs, wait=wait, takes=True)


def started(job: Job | str) -> Call[None]:
    """Say that work on a held job began."""
    return _holding("STARTED", job)


def done(job: Job | str, result: Body | None = None) -> Call[None]:
    """End a held job well, with its result."""
    return _holding("DONE", job, result=None if result is None else body(result)[0], ends=True)


def fail(
    job: Job | str,
    error: str = "",
    *,
    error_type: str | None = None,
    trace: str | None = None,
    retry: bool = True,
    delay: float | None = None,
    to_tail: bool | None = None,
) -> Call[None]:
    """Say that a held job failed; it is tried again, after `delay` if one is said."""
    return _holding(
        "FAIL", job, error=error, error_type=error_type, trace=trace,
        retry=retry, delay=delay, to_tail=to_tail, ends=True,
    )  # fmt: skip


def release(job: Job | str, delay: float = 0.0) -> Call[None]:
    """Give a held job back untried."""
    return _holding("RELEASE", job, delay=delay, ends=True)


def touch(job: Job | str, lease: float | None = None) -> Call[None]:
    """Renew the lease of a held job."""
    return _holding("TOUCH", job, lease=lease)


def progress(job: Job | str, fraction: float, note: str = "") -> Call[None]:
    """Tell how far a held job is, 0 to 1."""
    return _holding("PROGRESS", job, fraction, note=note)


def log(job: Job | str, line: str) -> Call[None]:
    """Add a line to a held job's log."""
    return _holding("LOG", job, line)


def checkpoint(job: Job | str, kept: bytes) -> Call[None]:
    """Keep bytes for the next attempt, should this one not end."""
    return _holding("CHECKPOINT", job, kept)


def cancel(job: Job | str) -> Call[None]:
    """Cancel a job: at once while it waits, else its holder is told."""
    return changing("CANCEL", id_of(job))


def reset(job: Job | str) -> Call[None]:
    """Bring a job that is over back to ready."""
    return changing("RESET", id_of(job))


def delete(job: Job | str) -> Call[None]:
    """Remove a job, whatever its state."""
    return Call(words("DELETE", id_of(job)), nothing, repeatable=False, job=id_of(job), ends=True)


def edit(
    job: Job | str,
    *,
    priority: int | None = None,
    delay: float | None = None,
    payload: Body | None = None,
) -> Call[None]:
    """Change a job that waits."""
    raw = None if payload is None else body(payload)[0]
    return changing("EDIT", id_of(job), priority=priority, delay=delay, payload=raw)


def get(job: Job | str) -> Call[Job]:
    """One job with all it carries."""
    return Call(words("GET", id_of(job)), _job)


def wait(job: Job | str, seconds: float = 60.0) -> Call[Job]:
    """The job once it is over, or as it is after so many seconds: see `Job.over`."""
    return Call(words("WAIT", id_of(job), wait=seconds), _job, wait=seconds)


def list_jobs(
    queue: str,
    states: Sequence[State] = (),
    *,
    type: str | None = None,  # noqa: A002 - the field's name
    after: int | None = None,
    limit: int = 100,
) -> Call[Page]:
    """Jobs of a queue in order of publishing, a page at a time; `after` is a page's `next`."""
    named = words("LIST", queue, states=names(states), type=type, after=after, limit=limit)
    return Call(named, _page)


def counts(queue: str) -> Call[Counts]:
    """How many jobs of each state and type a queue has."""
    return Call(words("COUNTS", queue), _counts)


def pause(queue: str) -> Call[None]:
    """Hand out no more jobs of a queue; what is held goes on."""
    return Call(words("PAUSE", queue), nothing)


def resume(queue: str) -> Call[None]:
    """Hand out jobs of a paused or draining queue again."""
    return Call(words("RESUME", queue), nothing)


def drain(queue: str) -> Call[None]:
    """Hand out what is there and take nothing new, until `resume`."""
    return Call(words("DRAIN", queue), nothing)


def purge(queue: str) -> Call[None]:
    """Remove every job of a queue, held ones too."""
    return Call(words("PURGE", queue), nothing, repeatable=False)


def execute(name: str, *arguments: object) -> Call[Any]:
    """Any command of the server, word for word."""
    return Call(words(name, *arguments), anything, repeatable=False)


def subscribe(queue: str, types: Sequence[str] = (), *, credit: int = 1) -> Call[None]:
    """Have jobs of a queue pushed, at most `credit` unfinished at once."""
    return Call(words("SUBSCRIBE_PUSH", queue, types=names(types), credit=credit), nothing)


def _holding(
    name: str, job: Job | str, *said: object, ends: bool = False, **pairs: Any
) -> Call[None]:
    number, reservation = held(job)
    named = words(name, number, *said, reservation=reservation, **pairs)
    # Named by its reservation it counts once at most, so it may be said again.
    repeatable = reservation is not None
    return Call(
        named, nothing, repeatable=repeatable, job=number, reservation=reservation, ends=ends
    )


def changing(name: str, *said: object, **pairs: object) -> Call[None]:
    """A command that may not be said twice, answered with OK."""
    return Call(words(name, *said, **pairs), nothing, repeatable=False)


def _published(answer: Value) -> Published:
    made: Published = values.read(answer, Published)
    return made


def _published_many(answer: Value) -> tuple[Published, ...]:
    made: tuple[Published, ...] = values.read(_field(answer, "jobs"), tuple[Published, ...])
    return made


def _jobs(answer: Value) -> tuple[Job, ...]:
    jobs: tuple[Job, ...] = values.read(_field(answer, "jobs"), tuple[Job, ...])
    return jobs


def _job(answer: Value) -> Job:
    found: Job = values.read(_field(answer, "job"), Job)
    return found


def _page(answer: Value) -> Page:
    page: Page = values.read(answer, Page)
    return page


def _counts(answer: Value) -> Counts:
    if isinstance(answer, dict):
        named = dict(answer)
        named["states"] = _by_state(named.get("states"))
        types = named.get("types")
        if isinstance(types, dict):
            named["types"] = {name: _by_state(row) for name, row in types.items()}
        answer = named
    counted: Counts = values.read(answer, Counts)
    return counted


def _by_state(row: Value) -> Value:
    whole = isinstance(row, list) and len(row) == len(values.STATES)
    return dict(zip(values.STATES, row, strict=True)) if whole else row


def _field(answer: Value, name: str) -> Value:
    return answer.get(name) if isinstance(answer, dict) else answer
