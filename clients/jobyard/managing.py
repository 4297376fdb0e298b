"""Methods of those who look after queues: pauses, recurrences, workers, explanations."""

from typing import Any, TypedDict, Unpack

from jobyard.calls import changing
from jobyard.job import Job
from jobyard.words import Body, Call, anything, body, id_of, words


class Firing(TypedDict, total=False):
    """When a recurrence fires, beside its schedule; None is as if not said."""

    zone: str | None
    """As in Europe/Paris; else UTC."""
    missed: str | None
    """After a time without server: `skip` what was missed, or run it `once`."""
    overlap: str | None
    """While the job before is not over: `allow` another, or `skip` it."""
    seconds: bool | None
    """Whether a sixth field, for seconds, may come first."""
    once_now: bool | None
    """Make one job now and never fire."""
    paused: bool | None
    """Do not fire before it is resumed."""
    since: float | None
    """It was declared then (unix seconds), elsewhere; `once_now` makes no job."""
    last_tick: float | None
    """What was due up to then never fires here."""


def workers(queue: str) -> Call[Any]:
    """Who is subscribed to a queue."""
    return Call(words("WORKERS", queue), anything)


def recurrences(queue: str, *, whole: bool | None = None) -> Call[Any]:
    """What a queue makes on schedule; `whole`: with long payloads, too."""
    return Call(words("RECURRENCES", queue, whole=whole), anything)


def set_recurrence(
    queue: str,
    type: str,  # noqa: A002 - the field's name
    cron: str,
    payload: Body = b"",
    **firing: Unpack[Firing],
) -> Call[Any]:
    """Declare what a queue makes on schedule; the same type again changes it."""
    named = words("SET_RECURRENCE", queue, type, cron, payload=body(payload)[0], **firing)
    return Call(named, anything)


def explain(job: Job | str) -> Call[Any]:
    """Why a job is not running now, and when it may."""
    return Call(words("EXPLAIN", id_of(job)), anything)


def explain_queue(queue: str) -> Call[Any]:
    """Why a queue hands nothing out now."""
    return Call(words("EXPLAIN_QUEUE", queue), anything)


def describe(queue: str, jobs: int = 0) -> Call[Any]:
    """A queue whole, with up to so many jobs."""
    return Call(words("DESCRIBE", queue, jobs=jobs), anything)


def kick(queue: str, address: str) -> Call[None]:
    """Unsubscribe the worker at an address; what it holds comes back at once."""
    return changing("KICK", queue, address)


def kick_all(queue: str) -> Call[None]:
    """Unsubscribe every worker of a queue."""
    return changing("KICK_ALL", queue)


def retry_failed_now(queue: str) -> Call[None]:
    """Make the jobs of a queue that wait after a failure ready at once."""
    return changing("RETRY_FAILED_NOW", queue)


def delete_queue(queue: str) -> Call[None]:
    """Remove a queue with its jobs, recurrences and subscriptions."""
    return changing("DELETE_QUEUE_WHOLE", queue)


def drop_recurrence(queue: str, number: int) -> Call[None]:
    """End a recurrence."""
    return changing("DROP_RECURRENCE", queue, number)


def pause_recurrence(queue: str, number: int, *, paused: bool = True) -> Call[None]:
    """Keep a recurrence from firing, or let it fire again."""
    return changing("PAUSE_RECURRENCE", queue, number, paused=paused)


def run_recurrence(queue: str, number: int) -> Call[Any]:
    """Make the job of a recurrence now, beside its schedule."""
    named = words("RUN_RECURRENCE", queue, number)
    return Call(named, anything, repeatable=False)


def preview_cron(cron: str, count: int = 5, zone: str = "UTC") -> Call[Any]:
    """The next instants of a schedule (unix seconds)."""
    return Call(words("PREVIEW_CRON", cron, count, zone), anything)
