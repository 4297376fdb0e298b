"""Jobs, queues, workers and sessions as jobatator's JSON shows them: these keys, in this order."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.job import JobState
from engine.replies import JobView, QueueView, RecurrenceView, WorkerView
from frontends.dialects import go_json

NULL: Final = b"null"
_NO_QUEUE: Final = (
    b'"Queue":{"ID":"","Slug":"","Group":{"Slug":""},'
    b'"RecurrentJobs":null,"Jobs":null,"Workers":null}'
)
_JOB: Final = (
    b'{"ID":"%b","State":"%b","Type":%b,"Payload":%b,"Attempts":%d,"StartedProcessingAt":%b,'
    b'"EndProcessingAt":%b,' + _NO_QUEUE + b',"Group":{"Slug":""}}'
)
_PUSHED: Final = b'{"Job":%b,"Debug":"Dispatch data"}'
_RECURRENCE: Final = b'{"EntryID":%d,' + _NO_QUEUE + b',"Type":%b,"CronExpression":%b}'
_QUEUE: Final = b'{"ID":%b,"Slug":%b,"Group":{"Slug":%b},"RecurrentJobs":%b,"Jobs":%b,"Workers":%b}'
_USER: Final = (
    b'{"Username":%b,"Password":"","Groups":%b,"Addr":%b,"CurrentGroup":{"Slug":%b},'
    b'"Conn":%b,"Status":"%b"}'
)
_SESSION: Final = b'{"Username":%b,"Addr":%b,"CurrentGroup":%b,"IsWorker":false,"Groups":%b}'

_RESERVED: Final = JobState.RESERVED
_DONE: Final = JobState.DONE
_FAILED: Final = JobState.FAILED
HIDDEN: Final = frozenset({JobState.CANCELED, JobState.EXPIRED})
"""This dialect has no word for these."""


def state(job: JobView) -> bytes:
    """The dialect's word; a job keeps `errored` until a worker says `in-progress`."""
    now = job.state
    if now is _DONE:
        return b"done"
    if now is _FAILED:
        return b"errored"
    if now is _RESERVED and job.started:
        return b"in-progress"
    return b"errored" if job.failures and _last_failed(job) else b"pending"


def _last_failed(job: JobView) -> bool:
    for _, _, until, how in reversed(job.history):
        if how == "failed":
            return job.started_at is None or job.started_at <= until
        if how == "done":
            break
    return False


def job(view: JobView) -> bytes:
    """One job."""
    return _JOB % (
        view.id.encode(),
        state(view),
        go_json.name(view.type),
        go_json.string(view.payload or b""),
        view.failures,
        go_json.time(view.started_at),
        go_json.time(view.done_at),
    )


def pushed(view: JobView) -> bytes:
    """A job as it is pushed to a worker, without the line end."""
    return _PUSHED % job(view)


def jobs(views: Sequence[JobView] | None) -> bytes:
    """A listing; null when there is nothing, unless the queue was purged just now."""
    if not views:
        return NULL if views is None else b"[]"
    shown = [job(view) for view in views if view.state not in HIDDEN]
    return go_json.array(shown) if shown else NULL


def recurrences(views: Sequence[RecurrenceView] | None) -> bytes:
    """A listing of recurrent jobs."""
    if views is None:
        return NULL
    return go_json.array(
        _RECURRENCE % (view.number, go_json.name(view.type), go_json.name(view.cron))
        for view in views
    )


def workers(views: Sequence[WorkerView] | None, group: str) -> bytes:
    """The subscribed connections of a queue of this group."""
    if views is None:
        return NULL
    return go_json.array(
        connection(
            view.name, view.groups, view.address, group, b"busy" if view.busy else b"available"
        )
        for view in views
    )


def queue(view: QueueView) -> bytes:
    """One queue, whole."""
    return _QUEUE % (
        go_json.string(view.id.encode()),
        go_json.name(view.name),
        go_json.name(view.group),
        recurrences(view.recurrences),
        jobs(view.jobs),
        workers(view.workers, view.group),
    )


def queues(views: Sequence[QueueView]) -> bytes:
    """Every queue; null when there is none."""
    return go_json.array(map(queue, views)) if views else NULL


def names(values: Iterable[str] | None) -> bytes:
    """Names of groups; null when there are none."""
    found = [go_json.name(value) for value in values or ()]
    return go_json.array(found) if found else NULL


def groups(slugs: Iterable[str]) -> bytes:
    """Every group there is."""
    found = [b'{"Slug":%b}' % go_json.name(slug) for slug in slugs]
    return go_json.array(found) if found else NULL


def account(name: str, member: Iterable[str] | None) -> bytes:
    """A user who may log in; the password is never shown, its key stays."""
    return _USER % (go_json.name(name), names(member), b'""', b'""', NULL, b"")


def connection(
    name: str, member: Iterable[str] | None, address: str, group: str, status: bytes = b""
) -> bytes:
    """A user as the one at the other end of a connection."""
    return _USER % (
        go_json.name(name),
        names(member),
        go_json.string(address.encode()),
        go_json.name(group),
        b"{}",
        status,
    )


def session(name: str, member: Iterable[str] | None, address: str, group: str) -> bytes:
    """What CURRENT_SESSION answers."""
    return _SESSION % (
        go_json.name(name),
        go_json.string(address.encode()),
        go_json.name(group),
        names(member),
    )
